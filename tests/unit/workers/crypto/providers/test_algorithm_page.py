import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[5]


def test_the_page_works_as_written():
    page = (ROOT / "docs" / "add_a_crypto_algorithm.md").read_text()
    code = re.findall(r"```python\n(.*?)```", page, re.DOTALL)[0]
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
