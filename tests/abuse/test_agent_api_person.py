"""A session without a task: by an ID token, to read cases of one's own queues and nothing else."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest

from local.testing import REGION, emulator
from tests.abuse.desk import ROUTES, Desk, desk_of, free_all, page_world, serve_no_queue

ACCOUNT = "424242424242"  # where the agents sign in: any issuer of ID tokens will do
PASSWORD = "Correct-Horse-1"


class Issuer:
    """Somebody who issues ID tokens: an Amazon Cognito user pool."""

    def __init__(self) -> None:
        self.cognito = emulator().client("cognito-idp", ACCOUNT)
        self.pool = self.cognito.create_user_pool(PoolName="agents")["UserPool"]["Id"]
        self.url = f"https://cognito-idp.{REGION}.amazonaws.com/{self.pool}"
        self.desk, self.other = self.client("desk"), self.client("other")

    def client(self, name):
        made = self.cognito.create_user_pool_client(
            UserPoolId=self.pool,
            ClientName=name,
            ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"],
        )
        return made["UserPoolClient"]["ClientId"]

    def token(self, address, verified="true", client=""):
        """An ID token of this person, made for a client."""
        who = {"UserPoolId": self.pool, "Username": f"{address}/{verified}"}
        claims = {"email": address, "email_verified": verified}
        attributes = [{"Name": name, "Value": value} for name, value in claims.items()]
        known = [
            user["Username"] for user in self.cognito.list_users(UserPoolId=self.pool)["Users"]
        ]
        if who["Username"] not in known:
            self.cognito.admin_create_user(**who, UserAttributes=attributes)
            self.cognito.admin_set_user_password(**who, Password=PASSWORD, Permanent=True)
        answer = self.cognito.admin_initiate_auth(
            UserPoolId=self.pool,
            ClientId=client or self.desk,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": who["Username"], "PASSWORD": PASSWORD},
        )
        return answer["AuthenticationResult"]["IdToken"]


@pytest.fixture(scope="module")
def issuer():
    return Issuer()


@pytest.fixture(scope="module")
def w(issuer):
    with page_world(OidcIssuer=issuer.url, OidcAudience=issuer.desk) as world:
        yield world


@pytest.fixture
def matter(w):
    """A case that alice has worked on, so that she is known, and that nobody holds now."""
    free_all(w)
    found = w.matter()
    desk_of(w, found)
    free_all(w)
    return found


def opened(w, token):
    """What an ID token is exchanged for."""
    return Desk(w.s, token)("POST", "/sessions/person", {})


def person(w, issuer, address="alice@corp.example"):
    status, found = opened(w, issuer.token(address))
    assert status == 201, found
    return Desk(w.s, found["token"])


def test_cases_of_ones_queues_are_read_without_a_task(w, issuer, matter):
    alice = person(w, issuer)
    status, found = alice("GET", f"/cases/{matter.id}")
    assert status == 200
    assert found["case"]["customer"]["address"] == matter.customer
    assert [one["actions"] for one in found["messages"]] == [[]]
    assert "relay_addresses" not in found
    [message] = found["messages"]
    for what in ("formatted", "original", "headers"):
        assert alice("GET", f"/cases/{matter.id}/messages/{message['id']}/{what}")[0] == 200
    assert alice("GET", f"/cases/{matter.id}/messages")[0] == 200
    looked = [one for one in w.s.interactions(matter.id) if one["kind"] == "viewed"]
    assert {one["actor"] for one in looked} == {"alice"}


def test_a140_only_a_good_token_of_our_client_opens_one(w, issuer, matter):
    good = issuer.token("alice@corp.example")
    head, claims, mark = good.split(".")
    forged = json.loads(base64.urlsafe_b64decode(claims + "=="))
    forged |= {"email": "bob@corp.example"}
    text = base64.urlsafe_b64encode(json.dumps(forged).encode()).decode().rstrip("=")
    bare = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    for bad in (
        "",
        "AAAA",
        f"{head}.{text}.{mark}",
        f"{bare}.{claims}.",
        issuer.token("alice@corp.example", client=issuer.other),
    ):
        assert opened(w, bad)[0] == 401, bad[:20]
    assert opened(w, good)[0] == 201


def test_a141_an_address_that_is_not_proven_or_not_an_agents_opens_none(w, issuer, matter):
    assert opened(w, issuer.token("alice@corp.example", verified="false"))[0] == 403
    assert opened(w, issuer.token("mallory@corp.example"))[0] == 403
    assert opened(w, issuer.token(matter.customer))[0] == 403


def test_a142_claims_count_only_where_the_authorizer_puts_them(w, issuer, matter):
    with page_world() as plain:
        stranger = Desk(plain.s, issuer.token("alice@corp.example"))
        body = {"claims": {"email": "alice@corp.example", "email_verified": "true"}}
        assert stranger("POST", "/sessions/person", body)[0] == 404


def test_a143_such_a_session_writes_nothing_and_opens_no_other_address(w, issuer, matter):
    alice = person(w, issuer)
    for route in ROUTES:
        if route.action is None or route.outside:
            continue
        path = route.path.replace("{id}", matter.mail_id).replace("{case}", matter.id)
        status, _ = alice(route.method, path.replace("{n}", "0"), {})
        assert status == 403, route
    assert alice("POST", "/sessions/renew", {})[0] == 401


def test_a144_a_case_of_another_queue_is_not_there(w, issuer, matter):
    alice = person(w, issuer)
    serve_no_queue(w, "alice")
    assert alice("GET", f"/cases/{matter.id}")[0] == 404
    assert alice("GET", f"/cases/{matter.id}/messages/{matter.mail_id}/original")[0] == 404


def test_a145_it_ends_within_the_hour_and_with_the_agent(issuer):
    with page_world(OidcIssuer=issuer.url, OidcAudience=issuer.desk) as w:
        found = w.matter()
        desk_of(w, found)
        free_all(w)
        alice, again = person(w, issuer), person(w, issuer)
        assert w.s._cases.revoke(w.s._agent("alice")["id"])
        assert alice("GET", f"/cases/{found.id}")[0] == 401
        later = person(w, issuer)
        assert later("GET", f"/cases/{found.id}")[0] == 200
        w.s.at(datetime.now(UTC) + timedelta(minutes=61))
        assert later("GET", f"/cases/{found.id}")[0] == 401
        assert again("GET", f"/cases/{found.id}")[0] == 401


def test_a146_no_token_is_in_a_log(w, issuer, matter):
    token = issuer.token("alice@corp.example")
    status, found = opened(w, token)
    assert status == 201
    logs = w.s.logs()
    assert token not in logs
    assert found["token"] not in logs
    assert "alice@corp.example" not in logs
