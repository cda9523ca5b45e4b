"""Amazon Comprehend: language, sentiment, key phrases, entities. Optional, and never in the way.

Limits (Comprehend developer guide, "Guidelines and quotas"): DetectSentiment 5 KB, the others
100 KB of UTF-8; dominant language wants 20 characters; the rest knows twelve languages.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ..ports import Findings
from ..settings import Settings

SUPPORTED = frozenset(("de", "en", "es", "it", "pt", "fr", "ja", "ko", "hi", "ar", "zh", "zh-TW"))
_SENTIMENT_BYTES = 5_000
_TEXT_BYTES = 20_000  # of the 100,000 allowed: what a mail is about stands at its beginning
_FEWEST_CHARACTERS = 20
_MOST_FOUND = 15


def cut(text: str, octets: int) -> str:
    """The longest beginning of `text` within so many bytes of UTF-8, never half a character."""
    return text.encode()[:octets].decode(errors="ignore")


class ComprehendLanguage:
    """`ports.Language`. `failed` is told the name of each call that did not work."""

    def __init__(self, client: Any, settings: Settings, failed: Callable[[str], None]) -> None:
        self._client = client
        self._settings = settings
        self._failed = failed

    def read(self, text: str) -> Findings:
        """Whatever Comprehend finds; what is off, fails or is not supported stays empty."""
        text = cut(text.strip(), _TEXT_BYTES)
        found = self._language(text)
        if found.language not in SUPPORTED or not text:
            return found
        if self._settings.detect_sentiment:
            found = self._sentiment(text, found)
            found = self._key_phrases(text, found)
        return self._entities(text, found) if self._settings.detect_entities else found

    def _call(self, operation: str, **arguments: Any) -> dict[str, Any] | None:
        try:
            answer: dict[str, Any] = getattr(self._client, operation)(**arguments)
        except (ClientError, BotoCoreError):
            self._failed(operation)
            return None
        return answer

    def _language(self, text: str) -> Findings:
        fallback = Findings(language=self._settings.default_language)
        if not self._settings.detect_language or len(text) < _FEWEST_CHARACTERS:
            return fallback
        answer = self._call("detect_dominant_language", Text=text)
        languages = (answer or {}).get("Languages") or []
        if not languages:
            return fallback
        best = max(languages, key=lambda language: language["Score"])
        return Findings(language=best["LanguageCode"], language_score=round(best["Score"], 4))

    def _sentiment(self, text: str, found: Findings) -> Findings:
        answer = self._call(
            "detect_sentiment", Text=cut(text, _SENTIMENT_BYTES), LanguageCode=found.language
        )
        if not answer:
            return found
        scores = {name: round(score, 4) for name, score in answer["SentimentScore"].items()}
        return replace(found, sentiment=answer["Sentiment"], sentiment_scores=scores)

    def _key_phrases(self, text: str, found: Findings) -> Findings:
        answer = self._call("detect_key_phrases", Text=text, LanguageCode=found.language)
        phrases: dict[str, float] = {}
        for phrase in (answer or {}).get("KeyPhrases") or []:
            phrases.setdefault(phrase["Text"], round(phrase["Score"], 4))
        best = sorted(phrases.items(), key=lambda phrase: -phrase[1])[:_MOST_FOUND]
        return replace(found, key_phrases=tuple(best))

    def _entities(self, text: str, found: Findings) -> Findings:
        answer = self._call("detect_entities", Text=text, LanguageCode=found.language)
        entities = tuple(
            (entity["Text"], entity["Type"], round(entity["Score"], 4))
            for entity in ((answer or {}).get("Entities") or [])[:_MOST_FOUND]
        )
        return replace(found, entities=entities)
