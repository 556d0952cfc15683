"""What a person's own page says, and what is said of user groups that cannot be kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Home:
    """English."""

    # what is theirs
    mine_title: str = "Your incidents"
    mine_none: str = "Nothing waits for you."
    mine_line: str = " · {severity} · {about}: {title}"
    mine_state: str = "{state} · since {since}"

    # who is on call
    on_call_title: str = "On call"
    holding: str = "You are on call now: {rotas}."
    not_holding: str = "You are not on call now."
    forever: str = "further notice"

    # what is not well
    degraded_title: str = "Models with open incidents"
    degraded_none: str = "No model or agent has an open incident."
    degraded_line: str = "{model}: {incidents}"
    degraded_each: str = "{incident} ({severity}, {phase})"
    no_way_back_title: str = "Without a way back"
    no_way_back: str = "{model}: {why}"
    no_way_back_do: str = "If one of these failed now, it could not be rolled back. I look again every night."
    quiet_title: str = "Snoozed"
    quiet_line: str = "{incident} · {about}: held by {who}, quiet until {until}"

    silences_title: str = "Silences"

    # how they are reached
    rules_title: str = "How pages reach you"
    rule: str = "{urgency} ({severities}): {ways}."
    urgency: Mapping[str, str] = field(default_factory=lambda: {"high": "Urgent", "low": "Not urgent"})
    no_severity: str = "no severity"
    way_now: str = "{channel} at once"
    way_minutes: str = "{channel} after {count} min"
    way_seconds: str = "{channel} after {count} s"
    way_missing: str = "{way} (does not work: nothing here sends pages this way)"
    then_way: str = ", then "
    test: str = "Send me a test page"
    test_hint: str = "The test goes through each of these ways at once; a direct message says what came of it."

    # the bot itself
    health_title: str = "How Tocsin is"
    health_well: str = "Everything it needs is there."
    health_line: str = "{what}: {do}"
    health_cut: str = "and {count} more: run `tocsin doctor`"

    # everywhere
    and_more: str = "and {count} more: {command}"
    show_aloud: str = "Show {incident}, {about}"

    # user groups
    group_trouble: str = "The user group {group} is not kept equal to the rota {rota}: {why}"
    group_why: Mapping[str, str] = field(
        default_factory=lambda: {
            "plan_upgrade_required": (
                "the plan of this Slack workspace has no user groups. Upgrade it, or take the rota out of "
                "slack.usergroups in config/tocsin.yaml."
            ),
            "permission_denied": (
                "the workspace does not let me. An admin allows it under Settings, Permissions, User groups."
            ),
            "missing_scope": (
                "a scope is missing. Add usergroups:read and usergroups:write to the app, then install it again."
            ),
            "no_such_subteam": (
                "there is no such group. Make one with that handle, or correct slack.usergroups in config/tocsin.yaml."
            ),
            "disabled": "the group is disabled. Enable it again under People, User groups.",
            "invalid_users": (
                "Slack does not take somebody who is on call. Correct their Slack id in config/people.yaml, or take "
                "those who have left off the rota."
            ),
            "nobody": (
                "nobody who is on call has a Slack account that I know. Until somebody has, the group stays as it is."
            ),
        }
    )
    group_other: str = "Slack says {code}. I try again every hour."


TURKISH = Home(
    mine_title="Olaylarınız",
    mine_none="Sizi bekleyen bir şey yok.",
    mine_line=" · {severity} · {about}: {title}",
    mine_state="{state} · başlangıç: {since}",
    on_call_title="Nöbet",
    holding="Şu anda nöbetçisiniz: {rotas}.",
    not_holding="Şu anda nöbetçi değilsiniz.",
    forever="belirsiz",
    degraded_title="Açık olayı olan modeller",
    degraded_none="Hiçbir model ya da ajanın açık olayı yok.",
    degraded_line="{model}: {incidents}",
    degraded_each="{incident} ({severity}, {phase})",
    no_way_back_title="Geri dönüşü olmayanlar",
    no_way_back="{model}: {why}",
    no_way_back_do="Bunlardan biri şimdi bozulursa geri alınamaz. Her birine her gece yeniden bakılır.",
    quiet_title="Ertelenenler",
    quiet_line="{incident} · {about}: üstlenen: {who}, şu zamana kadar sessiz: {until}",
    silences_title="Susturmalar",
    rules_title="Çağrılar size nasıl ulaşır",
    rule="{urgency} ({severities}): {ways}.",
    urgency={"high": "Acil", "low": "Acil değil"},
    no_severity="hiçbir önem derecesi",
    way_now="{channel} hemen",
    way_minutes="{channel} {count} dk sonra",
    way_seconds="{channel} {count} sn sonra",
    way_missing="{way} (çalışmaz: burada bu yolla çağrı gönderen bir şey yok)",
    then_way=", ardından ",
    test="Bana deneme çağrısı gönder",
    test_hint="Deneme bu yolların hepsinden hemen gönderilir; sonucu doğrudan mesajla bildirilir.",
    health_title="Tocsin ne durumda",
    health_well="Gereken her şey yerinde.",
    health_line="{what}: {do}",
    health_cut="ve {count} tane daha: `tocsin doctor` çalıştırın",
    and_more="ve {count} tane daha: {command}",
    show_aloud="Göster: {incident}, {about}",
    group_trouble="{group} kullanıcı grubu şu nöbetle eşit tutulamıyor: {rota}. Nedeni: {why}",
    group_why={
        "plan_upgrade_required": (
            "bu Slack çalışma alanının planında kullanıcı grupları yok. Planı yükseltin ya da nöbeti "
            "config/tocsin.yaml içindeki slack.usergroups altından çıkarın."
        ),
        "permission_denied": (
            "çalışma alanı buna izin vermiyor. Bir yönetici Ayarlar, İzinler, Kullanıcı grupları altından izin verir."
        ),
        "missing_scope": (
            "bir izin eksik. Uygulamaya usergroups:read ve usergroups:write ekleyin, sonra yeniden kurun."
        ),
        "no_such_subteam": (
            "böyle bir grup yok. Bu adla bir grup açın ya da config/tocsin.yaml içindeki slack.usergroups ayarını "
            "düzeltin."
        ),
        "disabled": "grup devre dışı. Kişiler, Kullanıcı grupları altından yeniden etkinleştirin.",
        "invalid_users": (
            "Slack nöbetçilerden birini kabul etmiyor. config/people.yaml içindeki Slack kimliğini düzeltin ya da "
            "ayrılanları nöbetten çıkarın."
        ),
        "nobody": ("nöbetçilerden hiçbirinin bildiğim bir Slack hesabı yok. Biri olana kadar grup olduğu gibi kalır."),
    },
    group_other="Slack yanıtı: {code}. Her saat yeniden denerim.",
)
