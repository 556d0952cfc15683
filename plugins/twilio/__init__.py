"""Twilio: pages by text message and by a call that speaks, and what people answer by either."""

from bot.contract import Plugin
from plugins.twilio.receiver import Receiver
from plugins.twilio.settings import TwilioSettings
from plugins.twilio.sms import Sms
from plugins.twilio.voice import Voice

plugin = Plugin(
    name="twilio",
    settings=TwilioSettings,
    pagers=(Sms, Voice),
    receivers=(Receiver,),
    summary="Twilio: pages by text message and by phone call, answered by a code or a key",
    hosts=("{url}",),
)
