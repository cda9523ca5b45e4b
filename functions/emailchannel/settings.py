"""What an administrator decides: the parameters of the deployment as one value."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Read once from the environment by aws/settings.py; lower-cased where addresses are meant.

    `inquiry_address` is where customers write; `domain` is the domain of the aliases; links live
    `access_timeout` seconds; `agent_domains` are the domains whose mail may pass the relay;
    `agent_addresses` are further addresses of agents, as (user name, address). Limits of mails
    are for an hour, 0 for none. `from_address` is where mail of other systems comes from;
    `sms_sender` is empty where no texts are sent.
    """

    inquiry_address: str
    domain: str
    agent_domains: tuple[str, ...]
    instance_arn: str
    flow_id: str
    default_queue_arn: str
    from_name: str = ""
    from_address: str = ""
    access_timeout: int = 3600
    detect_language: bool = True
    detect_sentiment: bool = True
    detect_entities: bool = False
    default_language: str = "en"
    disclaimer: str = ""
    tasks_per_second: float = 1.5
    acknowledge: bool = True
    stop_automatic_mail: bool = False
    automatic_mails_per_minute: int = 60
    reopen_days: int = 14
    hold_third_parties: bool = True
    mails_per_sender: int = 100
    mails_per_domain: int = 2000
    agent_addresses: tuple[tuple[str, str], ...] = ()
    undo_seconds: int = 10
    remind_hours: int = 4
    canary: bool = False
    api_requests_per_second: int = 20
    sms_sender: str = ""

    @property
    def own_names(self) -> tuple[str, ...]:
        """What a stranger would use to pass for us: our addresses, domains and name."""
        names = (self.inquiry_address, self.domain, *self.agent_domains, self.from_name)
        return tuple(filter(None, names))

    @property
    def inquiry_local(self) -> str:
        """The part of the inquiry address before the @: aliases are built from it."""
        return self.inquiry_address.partition("@")[0]

    @property
    def instance_id(self) -> str:
        """The id at the end of the instance's ARN, as the Connect API wants it."""
        return self.instance_arn.rpartition("/")[2]
