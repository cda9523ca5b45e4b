"""Amazon Comprehend on this machine: real readings of the text, deterministic, no network.

Language by py3langid, English sentiment by VADER, other languages by a small word list, phrases
and entities by simple rules. Limits and errors are the service's.
https://docs.aws.amazon.com/comprehend/latest/dg/guidelines-and-limits.html
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable
from typing import Any

from local.comprehend_words import NEGATIONS, NEGATIVE, POSITIVE, STOP_WORDS

LANGUAGES = frozenset(["de", "en", "es", "it", "pt", "fr", "ja", "ko", "hi", "ar", "zh", "zh-TW"])
SENTIMENT_BYTES = 5_120
DOCUMENT_BYTES = 102_400


class ComprehendError(Exception):
    """An answer of the service that is an error; `code` is its name."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def handle(operation: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
    """Answer one JSON 1.1 request: (status, headers, body)."""
    kind = {"Content-Type": "application/x-amz-json-1.1"}
    try:
        detect = _OPERATIONS.get(operation)
        if detect is None:
            raise ComprehendError("UnknownOperationException", f"{operation} is not emulated")
        answer = detect(json.loads(body or b"{}"))
    except ComprehendError as error:
        content = json.dumps({"__type": error.code, "Message": str(error)})
        return 400, {**kind, "x-amzn-errortype": error.code}, content.encode()
    return 200, kind, json.dumps(answer).encode()


def _text(request: dict[str, Any], limit: int) -> str:
    text = request.get("Text")
    if not isinstance(text, str) or not text:
        raise ComprehendError("InvalidRequestException", "Text must not be empty")
    if (size := len(text.encode())) > limit:
        raise ComprehendError(
            "TextSizeLimitExceededException",
            f"Input text size exceeds limit. Max length of request text allowed is {limit} bytes "
            f"while in this request the text size is {size} bytes",
        )
    return text


def _language(request: dict[str, Any]) -> str:
    code = request.get("LanguageCode")
    if code not in LANGUAGES:
        raise ComprehendError(
            "UnsupportedLanguageException",
            f"Value '{code}' at 'languageCode' failed to satisfy constraint: Member must satisfy "
            f"enum value set: {sorted(LANGUAGES)}",
        )
    return str(code)


# -- language -----------------------------------------------------------------------------------


def detect_dominant_language(request: dict[str, Any]) -> dict[str, Any]:
    """Languages by falling score. Under 20 characters the answer is a guess, as on AWS."""
    text = _text(request, DOCUMENT_BYTES)
    ranked = _identifier().rank(text)[:3]
    return {
        "Languages": [
            {"LanguageCode": str(code), "Score": float(score)}
            for code, score in ranked
            if score >= 0.01
        ]
    }


def warm_up() -> None:
    """Load the language model now instead of with the first request (about half a second)."""
    _identifier()


@functools.cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


# -- sentiment ----------------------------------------------------------------------------------


def detect_sentiment(request: dict[str, Any]) -> dict[str, Any]:
    """POSITIVE, NEGATIVE, NEUTRAL or MIXED, with scores that sum to 1."""
    text = _text(request, SENTIMENT_BYTES)
    language = _language(request)
    positive, negative = _weights(text, language)
    both = min(positive, negative)
    neutral = max(0.0, 1.0 - positive - negative)
    scores = {
        "Positive": max(positive - both, 0.0),
        "Negative": max(negative - both, 0.0),
        "Neutral": neutral,
        "Mixed": 2 * both,
    }
    total = sum(scores.values())
    shares = {name: value / total for name, value in scores.items()}
    return {"Sentiment": max(shares, key=lambda n: shares[n]).upper(), "SentimentScore": shares}


def _weights(text: str, language: str) -> tuple[float, float]:
    """How positive and how negative the text is, each 0 to 1 and together at most 1."""
    if language == "en":
        found = _vader().polarity_scores(text)
        positive, negative = found["pos"] * 3, found["neg"] * 3
    else:
        ups, downs = _count(text)
        positive, negative = ups * 0.6, downs * 0.6
    total = positive + negative
    return (positive / total, negative / total) if total > 1 else (positive, negative)


@functools.cache
def _vader() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer()


def _count(text: str) -> tuple[int, int]:
    """Positive and negative words; a negation just before turns a word round."""
    ups = downs = 0
    words = re.findall(r"\w+", text.lower())
    for index, word in enumerate(words):
        good, bad = word in POSITIVE, word in NEGATIVE
        if NEGATIONS & set(words[max(0, index - 2) : index]):
            good, bad = False, good  # "nicht gut" is bad, "nicht schlecht" says little
        ups, downs = ups + good, downs + bad
    return ups, downs


# -- phrases and entities -----------------------------------------------------------------------


def detect_key_phrases(request: dict[str, Any]) -> dict[str, Any]:
    """Runs of words between stop words and punctuation, with their offsets in characters."""
    text = _text(request, DOCUMENT_BYTES)
    _language(request)
    phrases, start, end = [], -1, -1
    for match in [*re.finditer(r"[\w'\u2019-]+|[^\w\s]", text), None]:
        word = match.group() if match else "."
        if match and word.lower() not in STOP_WORDS and re.match(r"\w", word):
            gap = text[end : match.start()] if start >= 0 else ""
            if start >= 0 and (gap.strip() or "\n" in gap):
                phrases.append((start, end))
                start = -1
            start = match.start() if start < 0 else start
            end = match.end()
        elif start >= 0:
            phrases.append((start, end))
            start = -1
    return {"KeyPhrases": [_span(text, *found, 0.99) for found in phrases]}


def _span(text: str, begin: int, end: int, score: float, **more: str) -> dict[str, Any]:
    return {"Score": score, "Text": text[begin:end], "BeginOffset": begin, "EndOffset": end, **more}


_MONTHS = (
    "Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|"
    "Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?"
)
_DATE = (
    rf"\b\d{{4}}-\d\d-\d\d\b|\b\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}\b|"
    rf"\b(?:{_MONTHS}) \d{{1,2}}(?:, \d{{4}})?\b|\b\d{{1,2}}\.? (?:{_MONTHS})(?: \d{{4}})?\b|"
    r"\b(?:today|tomorrow|yesterday|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b"
)
_ENTITIES: tuple[tuple[str, str], ...] = (
    ("OTHER", r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|https?://\S+"),
    ("DATE", _DATE),
    ("QUANTITY", r"[$€£] ?\d[\d.,]*|\b\d[\d.,]*(?: ?(?:%|€|EUR|USD|GBP|kg|km|m|hours?|days?))?"),
    ("ORGANIZATION", r"\b(?:[A-Z][\w&]+ )+(?:Inc|Ltd|GmbH|AG|LLC|Corp|SA|BV|SpA)\b\.?"),
    ("PERSON", r"\b(?:Mr|Mrs|Ms|Dr|Herr|Frau)\.? [A-Z]\w+(?: [A-Z]\w+)?|\b[A-Z]\w+ [A-Z]\w+\b"),
)


def detect_entities(request: dict[str, Any]) -> dict[str, Any]:
    """Addresses, dates, quantities, organisations and capitalised names, by pattern."""
    text = _text(request, DOCUMENT_BYTES)
    _language(request)
    taken: list[tuple[int, int, str]] = []
    for kind, pattern in _ENTITIES:
        for match in re.finditer(pattern, text):
            begin, end = match.span()
            if all(end <= other[0] or begin >= other[1] for other in taken):
                taken.append((begin, end, kind))
    return {"Entities": [_span(text, b, e, 0.9, Type=kind) for b, e, kind in sorted(taken)]}


_OPERATIONS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "DetectDominantLanguage": detect_dominant_language,
    "DetectSentiment": detect_sentiment,
    "DetectKeyPhrases": detect_key_phrases,
    "DetectEntities": detect_entities,
}
