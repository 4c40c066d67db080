"""The supervisory authority, as every letter, answer and refusal names it (S74)."""

from dataclasses import dataclass

from app.core.language import Language, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """КЗЛД, where complaints go; its address has moved before, so that it is a setting."""

    address: Text
    email: str
    site: str
    name: str = "Комисията за защита на личните данни"

    def _named(self) -> Text:
        """Name it and where it is, after „до“ and "with the"."""
        return Text(
            f"{self.name} (КЗЛД), {self.address.bg}, {self.email}, {self.site}",
            f"Commission for Personal Data Protection (CPDP), {self.address.en}, {self.email}, {self.site}",
        )

    def complaint(self, language: Language) -> str:
        """Say in a sentence that one may complain, in a letter about something else."""
        named = self._named()
        return Text(
            f"Имате право и на жалба до {named.bg}.", f"You may also lodge a complaint with the {named.en}."
        ).in_(language)

    def paragraph(self) -> Text:
        """Say where one may complain: to the authority, to another one (C18), to the court."""
        named = self._named()
        return Text(
            f"Ако считате, че правата Ви са нарушени, имате право на жалба до {named.bg}, по чл. 77 от Регламент (ЕС)"
            " 2016/679 и чл. 38 от ЗЗЛД. Жалба може да подадете и до друг надзорен орган: в държавата членка на"
            " обичайното си местопребиваване, на мястото си на работа или на предполагаемото нарушение. Имате право и"
            " на защита по съдебен ред пред административния съд (чл. 79 от Регламента, чл. 39 от ЗЗЛД).",
            f"If you consider that your rights are infringed, you may lodge a complaint with the {named.en} (Regulation"
            " (EU) 2016/679, Art. 77). You may also complain to another supervisory authority: in the Member State of"
            " your habitual residence, your place of work or the alleged infringement. You have the right to a judicial"
            " remedy before the administrative court, too (Art. 79 of the Regulation).",
        )
