"""Looks whether a connection could page: its account, its sender, and the way back."""

from bot.contract import Check, Context, Health, NotDelivered
from plugins.twilio.client import Client
from plugins.twilio.settings import TwilioSettings


async def look(settings: TwilioSettings, context: Context, sender: str | None, able: str) -> list[Check]:
    """One row each for account, number and address; `able` is `sms` or `voice`, what the number must be able to do."""
    return [await _account(settings), await _number(settings, sender, able), _address(context)]


async def _account(settings: TwilioSettings) -> Check:
    try:
        # By the auth token, whatever we send by: an ordinary API key may not read the account.
        state = (await Client(settings, by_key=False).see()).get("status")
    except NotDelivered as error:
        return _unseen("account", error)
    if state == "active":
        return Check("account", Health.OK)
    return Check("account", Health.MISSING, "It is not active: look at its state and balance in the Twilio console.")


async def _number(settings: TwilioSettings, sender: str | None, able: str) -> Check:
    """Whether the number is ours and can do it; by the API key where there is one, which tries that too."""
    try:
        if able == "sms" and settings.messaging_service is not None:
            await Client(settings).see("/Messages", PageSize="1")
            return Check("number", Health.UNKNOWN, "The messaging service chooses it; send yourself a test page.")
        if sender is None:
            do = "Set `voice_from`." if able == "voice" else "Set `from` or `messaging_service`."
            return Check("number", Health.MISSING, do)
        ours = (await Client(settings).see("/IncomingPhoneNumbers", PhoneNumber=sender)).get("incoming_phone_numbers")
    except NotDelivered as error:
        return _unseen("number", error)
    if not sender.startswith("+"):
        return Check("number", Health.UNKNOWN, "It is a short code or a name; send yourself a test page.")
    one = ours[0] if isinstance(ours, list) and ours else None
    if not isinstance(one, dict):
        return Check("number", Health.MISSING, "It is no number of this account: buy it, or correct it.")
    can = one.get("capabilities")
    if isinstance(can, dict) and can.get(able) is False:
        return Check("number", Health.MISSING, f"It has no capability `{able}`: take another number.")
    return Check("number", Health.OK)


def _address(context: Context) -> Check:
    if context.address is None:
        do = "Set web.address to where Twilio reaches Tocsin; until then nobody can answer, and no report comes in."
        return Check("address", Health.MISSING, do)
    return Check("address", Health.OK)


def _unseen(scope: str, error: NotDelivered) -> Check:
    return Check(scope, Health.UNKNOWN if error.retry else Health.MISSING, str(error))
