"""A request that cannot be answered as asked: what is wrong, for people and for programs."""

from collections.abc import Mapping, Sequence

from sikkerby_kg.formats import Format
from sikkerby_kg.server.language import language
from sikkerby_kg.texts import has_text, text


class ProblemError(Exception):
    """A request that gets an error: status, what is wrong in the reader's language, and facts for programs.

    ``formats`` are the formats that the same address does have; ``headers`` go out with the response.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        members: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        formats: Sequence[Format] = (),
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.members = dict(members or {})
        self.headers = dict(headers or {})
        self.formats = tuple(formats)

    @property
    def title(self) -> str:
        """What is wrong, in a few words."""
        key = f"web.status.{self.status}"
        return text(key if has_text(key) else f"web.status.{self.status // 100}00", language())
