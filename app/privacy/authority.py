"""The supervisory authority, as every answer and refusal names it (S74)."""

from dataclasses import dataclass

from app.core.language import Text

NAME = Text("Комисия за защита на личните данни (КЗЛД)", "Commission for Personal Data Protection (CPDP)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """КЗЛД, where complaints go; its address has moved before, so that it is a setting."""

    address: str
    email: str
    site: str
    name: str = "Комисия за защита на личните данни"

    def paragraph(self) -> Text:
        """Say where one may complain: to the authority, to another one (C18), to the court."""
        return Text(
            f"Ако считате, че правата Ви са нарушени, имате право на жалба до {NAME.bg}, {self.address},"
            f" {self.email}, {self.site}, по чл. 77 от Регламент (ЕС) 2016/679 и чл. 38 от ЗЗЛД. Жалба може да подадете"
            " и до друг надзорен орган: в държавата членка на обичайното си местопребиваване, на мястото си на работа"
            " или на предполагаемото нарушение. Имате право и на защита по съдебен ред пред административния съд"
            " (чл. 79 от Регламента, чл. 39 от ЗЗЛД).",
            f"If you consider that your rights are infringed, you may lodge a complaint with the {NAME.en},"
            f" {self.address}, {self.email}, {self.site} (Regulation (EU) 2016/679, Art. 77). You may also complain"
            " to another supervisory authority: in the Member State of your habitual residence, your place of work or"
            " the alleged infringement. You have the right to a judicial remedy before the administrative court, too"
            " (Art. 79 of the Regulation).",
        )
