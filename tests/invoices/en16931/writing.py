"""Spoils an e-invoice by its terms, so that the check can be seen to refuse it; keeps no order of elements."""

import copy
import re
from typing import Any

from lxml import etree

from tests.invoices.en16931.model import NAMES, Node, find, model, spelling

_STEP = re.compile(r"([a-z]+):(\w+)(?:\[(.*)\])?")
_CHILD = re.compile(r"(.+)='(.*)'")


def way(group: Node, name: str) -> list[Node]:
    """Return the groups that a term stands in, the outermost first, and the term."""
    for node in group.nodes:
        if node.name == name:
            return [node]
        if rest := way(node, name):
            return [node, *rest]
    return []


def standing(root: Any, name: str) -> list[Any]:
    found = [root]
    for node in way(model(spelling(root)), name):
        found = [each for element in found for each in find(element, node)]
    return found


def double(root: Any, name: str) -> None:
    """Let the first of a term or group stand once more beside itself."""
    found = standing(root, name)[0]
    found.addnext(copy.deepcopy(found))


def drop(root: Any, name: str) -> None:
    """Take away every one of a term or a group."""
    for found in standing(root, name):
        if isinstance(found, str):
            parent = found.getparent()  # type: ignore[attr-defined]
            del parent.attrib[found.attrname]  # type: ignore[attr-defined]
        else:
            found.getparent().remove(found)


def change(root: Any, name: str, text: str) -> None:
    """Let the first of a term say something else."""
    standing(root, name)[0].text = text


def add(root: Any, name: str, text: str = "1") -> None:
    """Write a term or a group once more, with all that its path asks for, into the first of its groups."""
    element = root
    *groups, node = way(model(spelling(root)), name)
    for group in groups:
        element = (find(element, group) or [written(element, group.path)])[0]
    written(element, node.path.split("|")[0]).text = text


def written(element: Any, path: str) -> Any:
    if path.startswith("/*/"):
        element, path = element.getroottree().getroot(), path.removeprefix("/*/")
    for step in re.findall(r"(?:[^/\[]|\[[^\]]*\])+", path):
        element = _written_step(element, step)
    return element


def _written_step(element: Any, step: str) -> Any:
    if step == "..":
        return element.getparent()
    matched = _STEP.fullmatch(step)
    assert matched, step
    prefix, name, condition = matched.groups()
    made = etree.SubElement(element, f"{{{NAMES[prefix]}}}{name}")
    if condition and not condition.startswith("not("):
        _meet(made, condition)
    return made


def _meet(element: Any, condition: str) -> None:
    """Make a condition true: a child or an attribute that says what it asks for."""
    if given := _CHILD.fullmatch(condition.replace("!=", "=")):
        path, text = given.groups()
        text = "other" if "!=" in condition else text
    else:
        path, _, where = condition.partition("=")
        text = element.xpath(f"string({where})", namespaces=NAMES)
    if path.startswith("@"):
        element.set(path[1:], text)
    else:
        written(element, path).text = text
