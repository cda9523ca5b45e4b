"""The local Comprehend: it reads the text, keeps the service's limits and answers in its form."""

import json
from typing import Any

import pytest

from local import comprehend

LANGUAGES = {
    "en": "My parcel arrived yesterday but the box was completely empty, please help.",
    "de": "Mein Paket ist gestern angekommen, aber die Schachtel war leider leer.",
    "fr": "Mon colis est arrivé hier mais la boîte était complètement vide, aidez-moi.",
    "es": "Mi paquete llegó ayer pero la caja estaba completamente vacía, ayuda por favor.",
    "it": "Il mio pacco è arrivato ieri ma la scatola era completamente vuota, aiutatemi.",
    "pt": "Minha encomenda chegou ontem mas a caixa estava completamente vazia, ajudem.",
    "nl": "Mijn pakket is gisteren aangekomen maar de doos was helemaal leeg, help alstublieft.",
}


def ask(operation: str, **request: Any) -> tuple[int, dict[str, Any]]:
    status, headers, body = comprehend.handle(operation, json.dumps(request).encode())
    assert headers["Content-Type"] == "application/x-amz-json-1.1"
    return status, json.loads(body)


@pytest.mark.parametrize("code", LANGUAGES)
def test_dominant_language(code: str) -> None:
    status, answer = ask("DetectDominantLanguage", Text=LANGUAGES[code])
    assert status == 200
    assert answer["Languages"][0]["LanguageCode"] == code
    scores = [language["Score"] for language in answer["Languages"]]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    ("language", "text", "sentiment"),
    [
        ("en", "This is terrible, I am very angry and disappointed.", "NEGATIVE"),
        ("en", "Thank you so much, great service, I love it!", "POSITIVE"),
        ("en", "The meeting is on Tuesday at the office.", "NEUTRAL"),
        ("en", "I love the phone and it looks great. The delivery was terrible.", "MIXED"),
        ("de", "Das Gerät ist kaputt, ich bin sehr enttäuscht.", "NEGATIVE"),
        ("de", "Vielen Dank, alles perfekt!", "POSITIVE"),
        ("de", "Das ist nicht gut, und ich bin enttäuscht.", "NEGATIVE"),
        ("de", "Die Sitzung ist am Dienstag.", "NEUTRAL"),
        ("fr", "Je suis très déçu, le produit est cassé.", "NEGATIVE"),
        ("es", "Gracias, excelente servicio.", "POSITIVE"),
        ("it", "Prodotto difettoso, sono arrabbiato.", "NEGATIVE"),
        ("pt", "Obrigado, perfeito!", "POSITIVE"),
    ],
)
def test_sentiment_reads_the_text(language: str, text: str, sentiment: str) -> None:
    status, answer = ask("DetectSentiment", Text=text, LanguageCode=language)
    assert (status, answer["Sentiment"]) == (200, sentiment)
    assert sum(answer["SentimentScore"].values()) == pytest.approx(1)
    assert set(answer["SentimentScore"]) == {"Positive", "Negative", "Neutral", "Mixed"}
    assert ask("DetectSentiment", Text=text, LanguageCode=language)[1] == answer


@pytest.mark.parametrize(
    ("operation", "request_", "code"),
    [
        ("DetectSentiment", {"Text": "a" * 5121, "LanguageCode": "en"}, "TextSizeLimitExceeded"),
        ("DetectSentiment", {"Text": "ü" * 2561, "LanguageCode": "de"}, "TextSizeLimitExceeded"),
        ("DetectDominantLanguage", {"Text": "a" * 102_401}, "TextSizeLimitExceeded"),
        ("DetectKeyPhrases", {"Text": "a" * 102_401, "LanguageCode": "en"}, "TextSizeLimit"),
        ("DetectSentiment", {"Text": "goed", "LanguageCode": "nl"}, "UnsupportedLanguage"),
        ("DetectEntities", {"Text": "x", "LanguageCode": "pl"}, "UnsupportedLanguage"),
        ("DetectSentiment", {"Text": "", "LanguageCode": "en"}, "InvalidRequest"),
        ("DetectSyntax", {"Text": "x", "LanguageCode": "en"}, "UnknownOperation"),
    ],
)
def test_refusals(operation: str, request_: dict[str, Any], code: str) -> None:
    status, answer = ask(operation, **request_)
    assert status == 400
    assert answer["__type"].startswith(code)


def test_five_thousand_bytes_are_taken() -> None:
    assert ask("DetectSentiment", Text="good " * 1000, LanguageCode="en")[0] == 200


def test_key_phrases_and_their_offsets() -> None:
    text = "My new phone has a broken screen. Please send the replacement to Köln!"
    _status, answer = ask("DetectKeyPhrases", Text=text, LanguageCode="en")
    phrases = answer["KeyPhrases"]
    assert "broken screen" in [phrase["Text"] for phrase in phrases]
    assert all(text[p["BeginOffset"] : p["EndOffset"]] == p["Text"] for p in phrases)


def test_entities() -> None:
    text = "Ann Miller of Acme Widgets Ltd paid $120.50 on 2026-03-01, write to ann@acme.example"
    _status, answer = ask("DetectEntities", Text=text, LanguageCode="en")
    found = {entity["Text"]: entity["Type"] for entity in answer["Entities"]}
    assert found["Ann Miller"] == "PERSON"
    assert found["2026-03-01"] == "DATE"
    assert found["ann@acme.example"] == "OTHER"
    assert found["$120.50"] == "QUANTITY"
    assert "ORGANIZATION" in found.values()
    assert all(text[e["BeginOffset"] : e["EndOffset"]] == e["Text"] for e in answer["Entities"])
