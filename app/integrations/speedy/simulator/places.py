"""The simulator's small Bulgaria: the regional centres, two villages of one name, a few streets and offices."""

from dataclasses import dataclass
from typing import Any

from app.integrations.speedy.simulator.conduct import Conduct
from app.integrations.speedy.simulator.forms import Places

BULGARIA, ROMANIA = 100, 642
ROWS_AT_MOST = 10


@dataclass(frozen=True, slots=True)
class Site:
    id: int
    name: str
    postcodes: str
    """What its post codes begin with."""
    type: str = "гр."

    @property
    def postcode(self) -> str:
        return self.postcodes.ljust(4, "0")

    def shown(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "countryId": BULGARIA,
            "type": self.type,
            "name": self.name,
            "postCode": self.postcode,
            "addressNomenclature": 1,
        }


@dataclass(frozen=True, slots=True)
class Street:
    id: int
    site_id: int
    name: str
    type: str = "ул."


@dataclass(frozen=True, slots=True)
class Office:
    id: int
    name: str
    site: Site
    address: str
    locker: bool = False
    weight_limit: int = 32
    size_limit: tuple[int, int, int] = (60, 60, 100)
    gives_out: bool = True

    def fits(self, width: int, depth: int, height: int) -> bool:
        return all(a <= b for a, b in zip(sorted((width, depth, height)), sorted(self.size_limit), strict=True))

    def shown(self) -> dict[str, Any]:
        width, depth, height = self.size_limit
        place = f"{self.site.type} {self.site.name}"
        return {
            "id": self.id,
            "name": self.name,
            "siteId": self.site.id,
            "type": "APT" if self.locker else "OFFICE",
            "address": {
                "countryId": BULGARIA,
                "siteId": self.site.id,
                "siteType": self.site.type,
                "siteName": self.site.name,
                "postCode": self.site.postcode,
                "fullAddressString": f"{place} {self.address}",
                "siteAddressString": place,
                "localAddressString": self.address,
            },
            "maxParcelDimensions": {"width": width, "depth": depth, "height": height},
            "maxParcelWeight": self.weight_limit,
            "cardPaymentAllowed": True,
            "cashPaymentAllowed": not self.locker,
            "cargoTypesAllowed": ["PARCEL"],
            "pickUpAllowed": self.gives_out,
            "dropOffAllowed": not self.locker,
            "validFrom": "2024-01-01",
            "validTo": "3000-01-01",
        }


_CENTRES = (
    "68134 СОФИЯ 1|56784 ПЛОВДИВ 40|10135 ВАРНА 90|7079 БУРГАС 80|63427 РУСЕ 70|68850 СТАРА ЗАГОРА 60|56722 ПЛЕВЕН 58|"
    "67338 СЛИВЕН 88|72624 ДОБРИЧ 93|83510 ШУМЕН 97|55871 ПЕРНИК 23|77195 ХАСКОВО 63|87374 ЯМБОЛ 86|55155 ПАЗАРДЖИК 44|"
    "4279 БЛАГОЕВГРАД 27|10447 ВЕЛИКО ТЪРНОВО 50|12259 ВРАЦА 30|14218 ГАБРОВО 53|10971 ВИДИН 37|48489 МОНТАНА 34|"
    "41112 КЮСТЕНДИЛ 25|40909 КЪРДЖАЛИ 66|43952 ЛОВЕЧ 55|61710 РАЗГРАД 72|66425 СИЛИСТРА 75|67653 СМОЛЯН 47|"
    "73626 ТЪРГОВИЩЕ 77"
)


def _centre(line: str) -> Site:
    number, *name, postcodes = line.split()
    return Site(int(number), " ".join(name), postcodes)


SITES: tuple[Site, ...] = (
    *map(_centre, _CENTRES.split("|")),
    Site(52180, "НОВО СЕЛО", "3784", "с."),
    Site(52206, "НОВО СЕЛО", "7044", "с."),
)
SOFIA, PLOVDIV = SITES[0], SITES[1]
STREETS = (
    Street(3109, SOFIA.id, "БЪЛГАРСКА ЛЕГИЯ"),
    Street(3110, SOFIA.id, "ШИПКА"),
    Street(3111, SOFIA.id, "ШИПКА", "пл."),
    Street(9001, PLOVDIV.id, "ИВАН ВАЗОВ"),
)
OFFICES: dict[int, Office] = {
    office.id: office
    for office in (
        Office(14, "СОФИЯ - КРАСНО СЕЛО", SOFIA, "ул. ПРИМЕРНА No 14"),
        Office(77, "ПЛОВДИВ - ЦЕНТЪР", PLOVDIV, "ул. ПРИМЕРНА No 7"),
        Office(301, "СОФИЯ - СОРТИРОВЪЧЕН ЦЕНТЪР", SOFIA, "бул. ПРИМЕРЕН No 3", gives_out=False),
        Office(9016, "ПЛОВДИВ - ПРИМЕР (АВТОМАТ)", PLOVDIV, "ул. ПРИМЕРНА No 1", True, 20, (36, 62, 38)),
    )
}


def _matches(name: str, wanted: str | None) -> bool:
    return wanted is None or wanted.upper() in name


def sites(wanted: Places) -> list[dict[str, Any]]:
    """Find settlements; never more than ten, as in life."""
    found = [
        site.shown()
        for site in SITES
        if wanted.country_id == BULGARIA
        and _matches(site.name, wanted.name)
        and (wanted.type is None or wanted.type == site.type)
        and (wanted.post_code is None or wanted.post_code.startswith(site.postcodes))
    ]
    return found[:ROWS_AT_MOST]


def offices(wanted: Places) -> list[dict[str, Any]]:
    found = [
        office.shown()
        for office in OFFICES.values()
        if wanted.country_id in {None, -1, BULGARIA}
        and wanted.site_id in {None, office.site.id}
        and _matches(office.site.name, wanted.site_name)
        and _matches(office.name, wanted.name)
    ]
    return found if wanted.limit is None else found[: wanted.limit]


def office(number: int) -> dict[str, Any] | None:
    known = OFFICES.get(number)
    return known.shown() if known else None


def countries(wanted: Places, conduct: Conduct) -> list[dict[str, Any]]:
    return [
        row
        for row in (country(BULGARIA, conduct), country(ROMANIA, conduct))
        if row is not None and _matches(row["name"], wanted.name) and wanted.iso_alpha2 in {None, row["isoAlpha2"]}
    ]


def country(number: int, conduct: Conduct) -> dict[str, Any] | None:
    return {
        BULGARIA: {
            "id": BULGARIA,
            "name": "БЪЛГАРИЯ",
            "isoAlpha2": "BG",
            "isoAlpha3": "BGR",
            "postCodeFormats": ["", "NNNN"],
            "addressType": 1,
            "currencyCode": conduct.currency,
            "siteNomen": 1,
        },
        ROMANIA: {
            "id": ROMANIA,
            "name": "РУМЪНИЯ",
            "isoAlpha2": "RO",
            "isoAlpha3": "ROU",
            "postCodeFormats": ["NNNNNN"],
            "addressType": 1,
            "currencyCode": "RON",
            "siteNomen": 1,
        },
    }.get(number)
