"""Sending: may this account send, and as this domain?

Sources: Amazon SES API v2 reference (GetAccount, GetEmailIdentity); SES
developer guide, "Easy DKIM", "Using a custom MAIL FROM domain"; RFC 7489.
"""

from collections.abc import Iterator
from typing import Any, Final

from botocore.exceptions import ClientError

from emailchannel.aws.errors import code

from .dns import LookUp, Unanswered, dmarc
from .doctor_finding import Finding, ok, problem, unchecked, warning
from .stack import Stack

_NEARLY: Final = 0.8


def account(stack: Stack, _look_up: LookUp) -> Iterator[Finding]:
    """Sandbox, sending switched on, health, quotas."""
    found = stack.client("sesv2").get_account()
    if found.get("ProductionAccessEnabled"):
        yield ok("SES is out of the sandbox: it sends to anybody.")
    else:
        yield problem(
            "SES is in the sandbox: it sends to verified addresses only.",
            "Ask for production access; say what the mail is for.",
            stack.aws(
                "sesv2 put-account-details --production-access-enabled --mail-type TRANSACTIONAL"
                f" --website-url https://{stack.deployment.channel.settings.domain}"
                " --use-case-description 'Answers to customers who wrote to us'"
            ),
        )
    yield _switched_on(stack, found)
    yield from _quotas(stack, found.get("SendQuota") or {})


def _switched_on(stack: Stack, found: dict[str, Any]) -> Finding:
    health = found.get("EnforcementStatus", "HEALTHY")
    if health == "SHUTDOWN" or (health != "HEALTHY" and not found.get("SendingEnabled")):
        return problem(
            f"SES has stopped this account's sending ({health}).",
            "Read the mail that AWS sent to the account's address, and answer the support case.",
        )
    if not found.get("SendingEnabled"):
        return problem(
            "Sending is switched off for the account.",
            "Find out who switched it off and why; then:",
            stack.aws("sesv2 put-account-sending-attributes --sending-enabled"),
        )
    if health != "HEALTHY":
        return warning(
            f"SES has put this account on {health.lower()}: too many bounces or complaints.",
            "Read the mail that AWS sent to the account's address, and lower them.",
        )
    return ok("Sending is switched on, and SES is content with the account.")


def _quotas(stack: Stack, quota: dict[str, float]) -> Iterator[Finding]:
    rate, most = quota.get("MaxSendRate", 0.0), quota.get("Max24HourSend", 0.0)
    used = quota.get("SentLast24Hours", 0.0)
    words = f"{rate:g} mails a second, {most:,.0f} a day, {used:,.0f} of them sent today"
    more = "Ask for a higher quota of Amazon SES in this region (Service Quotas)."
    automatic = stack.deployment.channel.settings.automatic_mails_per_minute / 60
    if most > 0 and used > _NEARLY * most:
        yield warning(f"SES's day is nearly used up: {words}.", more)
    elif rate < automatic:
        yield warning(
            f"SES allows {words}. AutomaticMailsPerMinute alone may take {automatic:g} a second.",
            more,
        )
    else:
        yield ok(f"SES allows {words}.")


def identity(stack: Stack, look_up: LookUp) -> Iterator[Finding]:
    """The domain's identity: verified, DKIM, MAIL FROM, forwarding of feedback."""
    domain = stack.deployment.channel.settings.domain
    try:
        found = stack.client("sesv2").get_email_identity(EmailIdentity=domain)
    except ClientError as error:
        if code(error) != "NotFoundException":
            raise
        yield problem(
            f"{domain} is no identity of SES in {stack.region}: nothing can be sent.",
            "Make it, and set the three DKIM records that `doctor` then shows.",
            stack.aws(f"sesv2 create-email-identity --email-identity {domain}"),
        )
        return
    if found.get("VerifiedForSendingStatus"):
        yield ok(f"{domain} is verified for sending.")
    else:
        yield problem(
            f"{domain} is not verified: SES refuses its mail.",
            "Set the DKIM records below; SES looks for them for 72 hours.",
        )
    yield from _dkim(stack, domain, found.get("DkimAttributes") or {}, look_up)
    yield from _mail_from(stack, domain, found.get("MailFromAttributes") or {}, look_up)
    yield _feedback(stack, domain, found)


def _dkim(
    stack: Stack, domain: str, attributes: dict[str, Any], look_up: LookUp
) -> Iterator[Finding]:
    if not attributes.get("SigningEnabled"):
        yield problem(
            f"Mail of {domain} is not signed (DKIM): much of it will be taken for spam.",
            "Switch signing on:",
            stack.aws(
                f"sesv2 put-email-identity-dkim-attributes --email-identity {domain}"
                " --signing-enabled"
            ),
        )
    elif attributes.get("Status") != "SUCCESS":
        yield problem(
            f"SES has not found the DKIM records of {domain} ({attributes.get('Status')}).",
            "Set those that are missing below; if they are there, wait up to an hour.",
        )
    else:
        yield ok(f"Mail of {domain} is signed (DKIM).")
    if attributes.get("SigningAttributesOrigin", "AWS_SES") == "EXTERNAL":
        yield unchecked("the DKIM records in DNS: the key is your own (BYODKIM)")
        return
    zone = attributes.get("SigningHostedZone") or "dkim.amazonses.com"
    records = [
        (f"{token}._domainkey.{domain}", f"{token}.{zone}")
        for token in attributes.get("Tokens") or []
    ]
    if records:
        yield _dkim_records(records, look_up)


def _dkim_records(records: list[tuple[str, str]], look_up: LookUp) -> Finding:
    missing = []
    for name, target in records:
        found = look_up(name, "CNAME")
        if isinstance(found, Unanswered):
            return unchecked(f"the DKIM records in DNS: {found.why}")
        if target.lower() not in found:
            missing.append(f"{name} CNAME {target}")
    if missing:
        words = f"{len(missing)} of the {len(records)} DKIM records are not in the DNS."
        return problem(words, "Set them:", *missing)
    return ok(f"All {len(records)} DKIM records are in the DNS.")


def _mail_from(
    stack: Stack, domain: str, attributes: dict[str, Any], look_up: LookUp
) -> Iterator[Finding]:
    own = attributes.get("MailFromDomain")
    if not own:
        yield warning(
            "There is no MAIL FROM domain: DMARC rests on DKIM alone, and SPF names amazonses.com.",
            "Choose a subdomain that is used for nothing else, then run doctor again:",
            stack.aws(
                f"sesv2 put-email-identity-mail-from-attributes --email-identity {domain}"
                f" --mail-from-domain bounce.{domain}"
            ),
        )
        return
    status = attributes.get("MailFromDomainStatus")
    if status not in {None, "SUCCESS"}:
        yield problem(
            f"SES does not use the MAIL FROM domain {own} ({status}).",
            "Set the records below; SES looks for them for 72 hours.",
        )
    yield _has(
        look_up,
        (own, "MX", f"10 feedback-smtp.{stack.region}.amazonses.com"),
        lambda value: value.endswith(f"feedback-smtp.{stack.region}.amazonses.com"),
    )
    yield _has(
        look_up,
        (own, "TXT", '"v=spf1 include:amazonses.com ~all"'),
        lambda value: value.startswith("v=spf1") and "include:amazonses.com" in value,
    )


def _has(look_up: LookUp, record: tuple[str, str, str], good: Any) -> Finding:
    name, kind, wanted = record
    found = look_up(name, kind)
    if isinstance(found, Unanswered):
        return unchecked(f"the {kind} record of {name}: {found.why}")
    if any(good(value.lower()) for value in found):
        return ok(f"The {kind} record of {name} is in the DNS.")
    return problem(
        f"The {kind} record of {name} is not in the DNS.", "Set it:", f"{name} {kind} {wanted}"
    )


def _feedback(stack: Stack, domain: str, found: dict[str, Any]) -> Finding:
    if not found.get("FeedbackForwardingStatus"):
        return ok("Bounces come as events only: feedback forwarding is off.")
    return warning(
        "Bounces come twice, as events and as mail: feedback forwarding is on.",
        "Switch it off; the events are enough:",
        stack.aws(
            f"sesv2 put-email-identity-feedback-attributes --email-identity {domain}"
            " --no-email-forwarding-enabled"
        ),
    )


def own_dmarc(stack: Stack, look_up: LookUp) -> Iterator[Finding]:
    """What receivers are to do with mail that only pretends to be ours."""
    domain = stack.deployment.channel.settings.domain
    found = dmarc(look_up, domain)
    if isinstance(found, Unanswered):
        yield unchecked(f"the DMARC record of {domain}: {found.why}")
    elif found is None:
        yield warning(
            f"{domain} publishes no DMARC record: anybody can write in its name.",
            "Set one, first to watch, later with p=reject:",
            f'_dmarc.{domain} TXT "v=DMARC1; p=none; rua=mailto:postmaster@{domain}"',
        )
    else:
        yield ok(f"DMARC for {domain} comes from {found[0]}: {found[1]}")


def agent_domains(stack: Stack, look_up: LookUp) -> Iterator[Finding]:
    """Agents' mail passes the relay only when DMARC proves their domain."""
    for domain in stack.deployment.channel.settings.agent_domains:
        found = dmarc(look_up, domain)
        if isinstance(found, Unanswered):
            yield unchecked(f"the DMARC record of the agents' domain {domain}: {found.why}")
        elif found is None:
            yield problem(
                f"The agents' domain {domain} publishes no DMARC record: their mail is refused.",
                "Set one (p=none is enough for the relay), and sign their mail with DKIM:",
                f'_dmarc.{domain} TXT "v=DMARC1; p=none; rua=mailto:postmaster@{domain}"',
            )
        else:
            yield ok(f"DMARC for the agents' domain {domain} comes from {found[0]}.")
