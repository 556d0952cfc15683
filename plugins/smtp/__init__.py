"""Mail: pages and codes by any SMTP server, encrypted unless somebody says otherwise."""

from bot.contract import Plugin
from plugins.smtp.pager import Mail
from plugins.smtp.settings import SmtpSettings

plugin = Plugin(
    name="smtp",
    settings=SmtpSettings,
    pagers=(Mail,),
    summary="Mail, by your SMTP server.",
    hosts=("{host}",),
)
