"""The images by themselves: built, weighed, and every module that they carry imported. Needs root.

`make compose-check` does this before it starts the stack; alone it takes the images that are wanted. With
`--twice` each is built once more without any cache, and the layers of both builds are compared.

usage: scripts/image_check.py [--folder FOLDER] [--built] [--twice] [IMAGE...]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from containers import FOLDER, Engine, Figures, hold

ENTRIES = {
    "scheduler": ("migrations", "novacron", "scheduler", "shared"),
    "worker": ("migrations", "novacron", "shared", "workers"),
    "worker-gpu": ("migrations", "novacron", "shared", "workers"),
    "flower": ("shared.broker",),
}
"""Images, and the packages whose modules their processes may import."""
BASE = "python:3.12-slim"
IMPORTS = """
import sys
from importlib import import_module
from importlib.util import find_spec
from pkgutil import walk_packages

faults, n_imported = [], 0
for package in sys.argv[1:]:
    for module in walk_packages(import_module(package).__path__, f"{package}."):
        if module.name.endswith((".__main__", "migrations.env")):
            continue
        try:
            import_module(module.name)
            n_imported += 1
        except ModuleNotFoundError as absent:
            # Another image's library; a part that is missing from a library that is here is a fault.
            if "." in absent.name or find_spec(absent.name):
                faults.append(f"{module.name}: {absent}")
        except Exception as error:
            faults.append(f"{module.name}: {error!r}")
print(n_imported)
sys.exit("\\n".join(faults) or 0)
"""

KERNELS = """
from cupy.cuda import nvrtc
from workers.quantum.simulation.cuda import source

for precision in source.REALS:
    program = nvrtc.createProgram(source.text(), "kernels.cu", (), ())
    for name in source.expressions(precision):
        nvrtc.addNameExpression(program, name)
    nvrtc.compileProgram(program, ("-std=c++17", "-arch=compute_80"))
    print(precision, len(nvrtc.getPTX(program)))
"""


def build(engine: Engine, figures: Figures, images: list[str]) -> None:
    """Build images."""
    for image in images:
        with figures.timed(f"build {image}, seconds"):
            engine.docker("build", "--quiet", "--target", image, "--tag", _tag(image), ".")


def weigh(engine: Engine, figures: Figures, images: list[str]) -> None:
    """Measure the images on disk and compressed."""
    for image in (BASE, *map(_tag, images)):
        size = int(engine.docker("image", "inspect", "--format", "{{.Size}}", image))
        figures[f"{image} on disk, MB"] = round(size / 1e6)
        figures[f"{image} compressed, MB"] = round(engine.compressed(image) / 1e6)


def imported(engine: Engine, images: list[str]) -> None:
    """Import every module of the images, without a network and on a read-only root.

    Raises:
        Failed: a module cannot be imported.
    """
    alone = ("--rm", "--network=none", "--read-only", "--tmpfs=/tmp", "--cap-drop=ALL")
    for image in images:
        done = engine.ended("run", *alone, _tag(image), "python", "-c", IMPORTS, *ENTRIES[image])
        hold(done.returncode == 0, f"{image} imports all its modules: {done.stdout.strip()} {done.stderr}")


def without_device(engine: Engine) -> None:
    """Compile the kernels in the image for GPUs, and start its worker where there is no GPU.

    Raises:
        Failed: they cannot be compiled, or the worker does not end with one line that says why.
    """
    alone = ("run", "--rm", "--network=none", "--read-only", "--tmpfs=/tmp", _tag("worker-gpu"))
    compiled = engine.ended(*alone, "python", "-c", KERNELS)
    hold(
        compiled.returncode == 0,
        f"worker-gpu compiles its kernels: {compiled.stdout.split()} {compiled.stderr}",
    )
    done = engine.ended(*alone)
    said = done.stderr.strip()
    hold(done.returncode != 0 and said.count("\n") == 0, f"worker-gpu says why it cannot run here: {said}")


def twice(engine: Engine, figures: Figures, images: list[str]) -> None:
    """Build images again without a cache, and compare their layers."""
    for image in images:
        again = f"novacron/{image}:again"
        with figures.timed(f"build {image} without a cache, seconds"):
            engine.docker("build", "--quiet", "--no-cache", "--target", image, "--tag", again, ".")
        one, two = (_layers(engine, tag) for tag in (_tag(image), again))
        equal = sum(first == second for first, second in zip(one, two, strict=True))
        figures[f"equal layers of two builds of {image}"] = f"{equal} of {len(one)}"
        print(f"  {image}: {equal} of {len(one)} layers are equal", flush=True)


def _layers(engine: Engine, tag: str) -> list[str]:
    layers: list[str] = json.loads(
        engine.docker("image", "inspect", "--format", "{{json .RootFS.Layers}}", tag)
    )
    return layers


def _tag(image: str) -> str:
    return f"novacron/{image}:dev"


def main() -> int:
    """Check images."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("images", nargs="*", metavar="IMAGE", help=f"of {', '.join(ENTRIES)}; else all")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="data folder of the engine")
    parser.add_argument("--built", action="store_true", help="use the existing images")
    parser.add_argument("--twice", action="store_true", help="build again, and compare the layers")
    chosen = parser.parse_args()
    images = chosen.images or list(ENTRIES)
    if unknown := set(images) - ENTRIES.keys():
        parser.error(f"no image is called {', '.join(sorted(unknown))}: there are {', '.join(ENTRIES)}")
    if os.geteuid() != 0:
        raise SystemExit("needs root, for the engine")
    engine, figures = Engine(chosen.folder), Figures()
    engine.start()
    if not chosen.built:
        build(engine, figures, images)
    weigh(engine, figures, images)
    imported(engine, images)
    if "worker-gpu" in images:
        without_device(engine)
    if chosen.twice:
        twice(engine, figures, images)
    print(json.dumps(figures, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
