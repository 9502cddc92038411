"""`make sbom`: bills of materials of the images, as CycloneDX 1.6 in build/sbom/IMAGE.json.

Python's packages are those of the image's lock file, by cyclonedx-bom; Debian's are those reported by
`dpkg-query` in the image. Without an engine, or for an image that was not built, the file contains only
Python's packages, and a message says so.

usage: scripts/sbom.py [IMAGE...]
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "build" / "sbom"
IMAGES = ("scheduler", "worker", "worker-gpu", "flower")
FORMAT = "${Package} ${Version} ${Architecture}\\n"


def python_packages(image: str) -> dict[str, Any]:
    """Return the document of a lock file, the same for every call."""
    done = subprocess.run(
        [
            str(Path(sys.executable).parent / "cyclonedx-py"), "requirements", "--output-reproducible",
            "--pyproject", str(ROOT / "pyproject.toml"), "--of", "JSON", "--sv", "1.6",
            str(ROOT / "requirements" / f"{image}.lock"),
        ],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def debian_packages(image: str) -> list[dict[str, str]]:
    """Return the Debian packages that the image reports.

    Raises:
        OSError, subprocess.SubprocessError: there is no engine, no such image, or no dpkg in it.
    """
    command = [
        "docker",
        "run",
        "--rm",
        "--network=none",
        f"novacron/{image}:dev",
        "dpkg-query",
        "-W",
        f"-f={FORMAT}",
    ]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return [component(*line.split()) for line in sorted(done.stdout.splitlines())]


def component(name: str, version: str, architecture: str) -> dict[str, str]:
    """Return a Debian package as a component."""
    address = f"pkg:deb/debian/{name}@{version.replace('+', '%2B').replace(':', '%3A')}?arch={architecture}"
    return {"type": "library", "bom-ref": address, "name": name, "version": version, "purl": address}


def main() -> int:
    """Write the requested documents, by default all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for image in sys.argv[1:] or IMAGES:
        document = python_packages(image)
        n_python, debian = len(document["components"]), []
        try:
            debian = debian_packages(image)
            told = f"{len(debian)} of Debian"
        except (OSError, subprocess.SubprocessError) as error:
            told = f"none of Debian: {str(getattr(error, 'stderr', None) or error).strip().splitlines()[-1]}"
        document["components"] += debian
        (FOLDER / f"{image}.json").write_text(json.dumps(document, indent=2, sort_keys=True) + "\n")
        print(f"build/sbom/{image}.json: {n_python} packages of Python, {told}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
