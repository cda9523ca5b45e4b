"""Comprehend is optional, and never in the way of a mail."""

import pytest

from local.testing import stack
from tests.builders import mail
from tests.journeys.test_one_mail import deliver

SPANISH = (
    "Hola, la tetera que compré está rota y estoy muy enfadada. Quiero que me devuelvan el dinero."
)


def attributes(s):
    return s.tasks()[0]["attributes"]


@pytest.mark.parametrize(
    "operation", ["DetectDominantLanguage", "DetectSentiment", "DetectKeyPhrases"]
)
def test_a_mail_arrives_when_comprehend_fails(s, operation):
    s.fault(operation, "throttle", 2)
    deliver(s)
    assert attributes(s)["subject"] == "My kettle is broken"
    found = s.messages(s.cases()[0]["id"])[0]["formatted"]
    missing = {
        "DetectDominantLanguage": found["language"]["score"],
        "DetectSentiment": found["sentiment"],
        "DetectKeyPhrases": found["key_phrases"] or None,
    }
    assert missing[operation] is None


def test_languages_are_told_apart(s):
    deliver(s, mail(subject="Tetera rota", text=SPANISH))
    assert attributes(s)["detected_language"] == "es"
    assert attributes(s)["detected_sentiment"] == "NEGATIVE"


def test_a_language_without_sentiment_still_has_its_name(s):
    deliver(s, mail(subject="Kapotte ketel", text="De ketel die ik heb gekocht is helaas kapot."))
    assert attributes(s)["detected_language"] == "nl"
    assert "detected_sentiment" not in attributes(s)


def test_what_is_switched_off_is_not_asked():
    with stack(EnableLanguageDetection="false", DefaultLanguage="es") as s:
        deliver(s)
        assert attributes(s)["detected_language"] == "es"
    with stack(EnableSentimentDetection="false", EnableEntityRecognition="true") as s:
        deliver(s, mail(text="Please call me back on Monday about the order from 12 May 2026."))
        assert "detected_sentiment" not in attributes(s)
        assert s.messages(s.cases()[0]["id"])[0]["formatted"]["entities"]
