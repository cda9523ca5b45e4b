"""What an administrator decides: the parameters of the deployment as one value."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Read once from the environment by aws/settings.py; lower-cased where addresses are meant.

    `inquiry_address` is where customers write; `domain` is the domain of the aliases; links live
    `access_timeout` seconds; `agent_domains` are the domains whose mail may pass the relay.
    """

    inquiry_address: str
    domain: str
    agent_domains: tuple[str, ...]
    instance_arn: str
    flow_id: str
    default_queue_arn: str
    from_name: str = ""
    access_timeout: int = 3600
    detect_language: bool = True
    detect_sentiment: bool = True
    detect_entities: bool = False
    default_language: str = "en"
    disclaimer: str = ""
    tasks_per_second: float = 1.5

    @property
    def inquiry_local(self) -> str:
        """The part of the inquiry address before the @: aliases are built from it."""
        return self.inquiry_address.partition("@")[0]

    @property
    def instance_id(self) -> str:
        """The id at the end of the instance's ARN, as the Connect API wants it."""
        return self.instance_arn.rpartition("/")[2]
