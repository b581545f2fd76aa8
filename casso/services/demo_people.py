"""Who appears in the demo: agents in two teams and customers by language, all at reserved addresses."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """A name and the local part of the address."""

    first: str
    last: str
    language: str
    host: str = "mail.example"
    time_zone: str = ""
    local: str = ""

    @property
    def name(self) -> str:
        """First and last name, as the mail shows it."""
        return f"{self.last} {self.first}" if self.language == "ja" else f"{self.first} {self.last}"

    @property
    def email(self) -> str:
        """The address; names in other scripts have their own Latin local part."""
        return f"{self.local or f'{self.first}.{self.last}'.lower()}@{self.host}"


AGENTS = (
    Person("Maya", "Lindqvist", "en"),
    Person("Jonas", "Weber", "de"),
    Person("Priya", "Raman", "en"),
    Person("Lucía", "Ortega", "es", local="lucia.ortega"),
)

TEAMS = {"Workshop & app": (0, 1, 2, 3), "Orders & billing": (1, 2, 3, 0)}

_ENGLISH_FIRST = "Ada Ben Carla Dana Ethan Fiona Grace Hugo Isla Jack Kofi Nora Omar Ruth Tara".split()
_ENGLISH_LAST = "Abbott Baker Carter Dunn Evans Foster Grant Hughes Ito Khan Marsh Novak Okafor Patel".split()

OTHERS = (
    Person("Anke", "Schröder", "de", local="anke.schroeder", time_zone="Europe/Berlin"),
    Person("Björn", "Großmann", "de", local="b.grossmann", time_zone="Europe/Berlin"),
    Person("Jürgen", "Müller-Lüdenscheidt", "de", local="jml", time_zone="Europe/Vienna"),
    Person("Katrin", "Vogt", "de", host="fahrrad-vogt.example", time_zone="Europe/Berlin"),
    Person("Sven", "Petersen", "de", time_zone="Europe/Berlin"),
    Person("María", "Núñez", "es", local="maria.nunez", time_zone="Europe/Madrid"),
    Person("Iñigo", "Etxeberria", "es", local="inigo.e", time_zone="Europe/Madrid"),
    Person("Sofía", "Castillo", "es", local="sofia.castillo", time_zone="America/Mexico_City"),
    Person("Élodie", "Lefèvre", "fr", local="elodie.lefevre", time_zone="Europe/Paris"),
    Person("François", "Côté", "fr", local="f.cote", time_zone="America/Montreal"),
    Person("Maëlle", "Le Gall", "fr", local="maelle.legall", time_zone="Europe/Paris"),
    Person("美咲", "佐藤", "ja", local="misaki.sato", time_zone="Asia/Tokyo"),
    Person("健太", "鈴木", "ja", local="kenta.suzuki", time_zone="Asia/Tokyo"),
    Person("陽子", "高橋", "ja", local="yoko.takahashi", time_zone="Asia/Tokyo"),
    Person("ليلى", "حداد", "ar", local="layla.haddad", time_zone="Asia/Dubai"),
    Person("عمر", "الشريف", "ar", local="omar.alsharif", time_zone="Africa/Cairo"),
    Person("João", "Conceição", "pt", local="joao.conceicao", time_zone="Europe/Lisbon"),
    Person("Inês", "Magalhães", "pt", local="ines.m", time_zone="America/Sao_Paulo"),
)

_HOSTS = ("mail.example", "post.example", "ridgeclub.example", "kestrel-bikes.example", "uni.example")

ENGLISH_SPEAKERS = tuple(
    Person(first, _ENGLISH_LAST[(place * 7) % len(_ENGLISH_LAST)], "en", host=_HOSTS[place % len(_HOSTS)])
    for place, first in enumerate(_ENGLISH_FIRST * 5)
)

CUSTOMERS = ENGLISH_SPEAKERS + OTHERS
