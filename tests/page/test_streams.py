"""The stand-in against amazon-connect-streams, as far as that goes without Amazon Connect."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, expect

from tests.page.conftest import opened
from tests.page.fakes import ACCOUNT, World
from tests.page.server import STAND_IN, STREAMS, serving

SURFACE = """() => {
  const methods = (type) => Object.getOwnPropertyNames(type.prototype)
    .filter((name) => !name.startsWith('_') && name !== 'constructor');
  const tooEarly = (call) => {
    try { call(); return 'nothing'; } catch (error) { return String(error); }
  };
  return {
    methods: Object.fromEntries(['Agent', 'Contact', 'TaskConnection', 'EventBus'].map(
      (name) => [name, methods(connect[name])])),
    inherited: Object.fromEntries(['Agent', 'Contact', 'TaskConnection', 'EventBus'].map(
      (name) => { const all = []; for (const key in connect[name].prototype) all.push(key);
        return [name, all]; })),
    core: Object.keys(connect.core).filter((name) => typeof connect.core[name] === 'function'),
    enums: Object.fromEntries(['ContactStateType', 'ContactType', 'ContactEvents', 'AgentEvents',
      'AgentStateType', 'EndpointType', 'ConnectionType', 'EventType'].map(
      (name) => [name, {...connect[name]}])),
    contactTooEarly: tooEarly(() => connect.contact(() => 0)),
    agentTooEarly: tooEarly(() => connect.agent(() => 0)),
  };
}"""


def surface(browser: Browser, path: str) -> dict[str, Any]:
    """What a library offers before initCCP."""
    page = browser.new_page()
    page.route("http://streams.example/", lambda route: route.fulfill(body="<!doctype html>"))
    page.goto("http://streams.example/")
    page.add_script_tag(path=path)
    found: dict[str, Any] = page.evaluate(SURFACE)
    page.close()
    return found


def test_the_stand_in_offers_nothing_that_streams_does_not(browser: Browser) -> None:
    real = surface(browser, str(STREAMS))
    ours = surface(browser, str(STAND_IN))
    assert {"accept", "onConnected"} <= set(real["methods"]["Contact"])
    for name, methods in ours["methods"].items():
        known = {*real["methods"][name], *real["inherited"][name]}
        assert set(methods) - known - {"drop"} == set(), name
    assert set(ours["core"]) <= set(real["core"])
    for name, values in ours["enums"].items():
        assert values.items() <= real["enums"][name].items(), name


def test_both_throw_when_asked_too_early(browser: Browser) -> None:
    real = surface(browser, str(STREAMS))
    ours = surface(browser, str(STAND_IN))
    assert "reading 'subscribe'" in real["contactTooEarly"]
    for call in ("contactTooEarly", "agentTooEarly"):
        assert ours[call] == real[call]


WATCH = """(ccpUrl) => {
  window.heard = [];
  const note = (what) => window.heard.push(what);
  connect.core.initCCP(document.body, { ccpUrl });
  connect.agent((agent) => {
    note('agent ' + agent.getName());
    agent.onStateChange(({ oldState, newState }) => note(oldState + ' to ' + newState));
  });
  connect.contact((contact) => {
    note('contact ' + contact.getStatus().type);
    const id = contact.getContactId();
    const names = ['Incoming', 'Connecting', 'Accepted', 'Connected', 'Missed', 'Ended', 'ACW'];
    for (const name of names) {
      contact['on' + name]((now) => note(name + ' ' + now.getStatus().type));
    }
    contact.onDestroy((last) => {
      note('Destroy ' + last.getContactId());
      try { new connect.Contact(id).getStatus(); } catch (error) { note(error.name); }
    });
  });
}"""
TASK = "new connect.Agent().getContacts(connect.ContactType.TASK)[0]"


def test_a_contact_brings_its_events_in_the_order_of_streams(
    browser: Browser, world: World
) -> None:
    with serving(world) as url:
        page = browser.new_page()
        page.goto(f"{url}/config.json?agent=alice")
        page.add_script_tag(path=str(STAND_IN))
        page.evaluate(WATCH, f"{world.urls['desktop']}/_local/connect/{ACCOUNT}/")

        def hears(*what: str) -> None:
            page.wait_for_function("(length) => heard.length >= length", arg=len(what))
            assert page.evaluate("heard.splice(0)") == list(what)

        hears("agent Alice Archer", "Init to Offline")
        page.evaluate("new connect.Agent().setState({ name: 'Available' })")
        hears("Offline to Available")
        world.offer()
        hears("contact connecting", "Connecting connecting")
        page.evaluate(f"{TASK}.accept()")
        hears("Accepted connecting", "Connected connected")
        page.evaluate(f"{TASK}.clear({{ failure: (reason) => heard.push(reason) }})")
        hears("clear is not allowed: connected")
        page.evaluate(f"{TASK}.getAgentConnection().destroy()")
        hears("ACW ended", "Ended ended")
        page.evaluate(f"{TASK}.clear()")
        hears("Destroy c-1", "StateError")
        page.close()


def test_the_page_starts_streams_itself_within_its_policy(browser: Browser, world: World) -> None:
    with opened(browser, world, agent="", streams=STREAMS) as tab:
        frame = tab.page.locator("#ccp > iframe")
        expect(frame).to_be_visible()
        assert (frame.get_attribute("src") or "").startswith(world.urls["desktop"])
        assert (frame.bounding_box() or {})["height"] > 400
        tab.page.wait_for_timeout(1_000)
        refused = [each for each in tab.complaints if "Content Security Policy" in each]
        assert refused == []
        # Without Amazon Connect behind its frame, Streams complains at length.
        tab.complaints.clear()
