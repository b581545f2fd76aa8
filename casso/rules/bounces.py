"""Delivery reports: whether a mail is one, for whom, and whether the failure is final.

A delivery-status part or X-Failed-Recipients tells by itself. Everything older goes by
weight: who sent it, what the subject says, what the text says, whether a mail came back.
A sign that a machine sent it is always needed: a customer who quotes a bounce is no bounce.
flufl.bounce, loaded late, is asked only about mail with such a sign.
"""

import re

from casso.rules.deliverystatus import (
    DeliveryStatus,
    has_returned_mail,
    original_ids,
    read_status,
)
from casso.values.mail import Bounce, ParsedMail

TEXT_LIMIT = 20_000
RAW_LIMIT = 32 * 1024
NEEDED = 6
_ROBOT_ADDRESS = re.compile(
    r"^(?:mailer[-_.]?daemon|mail[-_.]?daemon|mmdf|mdaemon|smtp[-_.]?daemon|mail[-_.]?(?:router|system|"
    r"server|admin)|"
    r"post[-_.]?master|microsoftexchange.{0,60}|(?:mail|e-?mail)[-_.]?deliver(?:y|ies).{0,20})"
    r"(?:[-_.+=].{0,100})?(?:@|$)",
    re.IGNORECASE,
)
_WEAK_ADDRESS = re.compile(
    r"^(?:bounces?|no[-_.]?reply|do[-_.]?not[-_.]?reply|deliver(?:y|ies).{0,20}|root|uucp|"
    r".{0,40}-(?:admin|owner|request|bounces?)|owner-.{0,60})(?:[-_.+=].{0,100})?@",
    re.IGNORECASE,
)
_ROBOT_NAME = re.compile(
    r"mailer[-_ ]?daemon|mail deliver(?:y|er)?(?: sub)?[- ]?system|mail delivery|mail system|"
    r"system administrator|"
    r"postmaster|mailmarshal|interscan|"
    r"mail administrator|mail router|internet mail|e-?mail interconnect|mail server|メール配信",
    re.IGNORECASE,
)
# First lines that only mail systems write; a person who quotes one writes something above it.
_LAYOUT = re.compile(
    r"[\s*#-]{0,20}(?:hi\. this is the|this is the (?:mail|e-?mail|smtp|postfix|program)|"
    r"this (?:message|e-?mail|mail) (?:was created|is generated|was generated) automatically|"
    r"i'm sorry to have to inform|this is an automatic(?:ally)? (?:generated|message)|"
    r"the original message was received|the following (?:address|recipient|message|mail)|failure reasons|"
    r"transcript of session|unable to deliver|undeliverable|this message was undeliverable|"
    r"your (?:e-?mail|mail|message) [^\n]{0,80}(?:could not|cannot|was not|has not been|did not|failed)|"
    r"deliver(?:y|ing) (?:of|to|failed|has failed|notification)|failed to deliver|"
    r"a message (?:that )?you (?:have )?sent|returned mail)",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"undeliver|non[- ]?deliver|not (?:be(?:en)? )?deliver|deliver(?:y|ed)?\b.{0,30}(?:fail|error|"
    r"problem|status|delay|"
    r"unsuccess|report|notif)|(?:fail|error|problem|delay|unable|status|could not|cannot).{0,30}deliver|"
    r"failed delivery|"
    r"returned (?:mail|to sender|e-?mail|message)|return(?:ing|ed)? (?:mail|message|to sender)|"
    r"failure notice|failed mail|"
    r"mail (?:system )?(?:error|failure|status)|"
    r"(?:message|mail|e-?mail) (?:delivery )?(?:failed|failure|rejected|blocked|status)|delayed mail|"
    r"could(?: not|n't) send (?:message|mail)|bounced?\b|\[bounce\]|user unknown|host unknown|"
    r"warning: (?:message|could)|"
    r"unzustellbar|nicht zugestellt|zustellung|fehlgeschlagen|non remis|non distribu|échec de|retour de|"
    r"no se (?:puede|ha podido|pudo) entregar|no entregado|devuelto|error de entrega|"
    r"não (?:é possível|foi possível|entregue)|falha na entrega|devolvid|"
    r"recapitabile|mancata consegna|mancato recapito|onbestelbaar|niet (?:afgeleverd|bezorgd)|"
    r"kan inte leverer|"
    r"kan ikke lever|olevererbar|toimittamaton|nedoručiteln|niedostarcz|nie (?:można|dostarczono)|"
    r"не (?:удается|удалось|доставлен)|недоставлен|невозможно доставить|"
    r"配信不能|配信(?:でき|エラー)|送信(?:でき|エラー)|配送|不達|エラーメール|未送達|宛先不明|"
    r"メール ?エラー|エラー通知|退信|无法(?:传递|投递|送达)|無法(?:傳遞|投遞)|投递失败|系统退信|"
    r"전송 ?실패|배달되지|반송",
    re.IGNORECASE,
)
_BODY = re.compile(
    r"(?:could|can|was|were|has|had|have|is|been|did)(?: ?not|n't) (?:be |been |yet be |"
    r"yet been )?(?:successfully )?"
    r"(?:deliver|reach|send|sent|relay|accept|connect|receive|process|complet)|"
    r"cannot be (?:deliver|sent|relay)|undeliver|unable to (?:deliver|send|relay|complete|transmit|"
    r"connect|transfer)|"
    r"not able to deliver|deliver\w{0,4}[^\n]{0,60}(?:fail|error|problem|delay|unsuccess|attempt)|"
    r"(?:fail|error|problem|delay)\w{0,3}[^\n]{0,60}(?:deliver|recipient|transmi|sending)|"
    r"permanent (?:fatal )?(?:error|failure)|fatal error|transient non-?fatal|"
    r"returned? (?:to (?:the )?sender|mail|below)|"
    r"(?:user|host|mailbox|recipient|address|account|domain|addressee)s? (?:is |was |name )?"
    r"(?:unknown|not (?:found|exist|known|listed|valid|available)|disabled|full|rejected|unavailable|"
    r"over quota|"
    r"does ?n[o']t exist|inactive|suspended|expired)|"
    r"(?:unknown|no such|invalid|bad|nonexist\w{1,4}|illegal|inactive) (?:local )?(?:user|recipient|"
    r"mailbox|host|address|"
    r"domain|local part|alias|addressee)|does not exist|over (?:its )?quota|quota exceed|"
    r"exceed\w{0,4} (?:\w{1,12} )?(?:quota|limit|maximum|size)|message (?:size|too (?:large|big))|"
    r"relay(?:ing)? (?:access )?denied|access denied|mail loop|too many hops|will (?:keep|"
    r"continue)\w{0,3} trying|"
    r"still being retried|giv(?:e|en|ing) up|\b[45]\d\d[ -][45]\.\d{1,2}\.\d{1,3}\b|\b55[0-4][ -]|"
    r"smtp error|"
    r"not (?:a )?(?:list )?members?\b|duplicated message-id|recipient(?:s|\(s\)) (?:cannot|could|did|was|"
    r"were|not)|not listed|wasn't delivered|"
    r"配信(?:でき|され|に失敗|不能)|送信でき|送れません|届(?:き|ける|けら|か)|お届け|見つかりません|"
    r"存在し(?:ない|ません)|受信(?:拒否|側)|"
    r"エラー|unzustellbar|zugestellt|zustell|remis|entregad|consegn|recapit|доставлен|доставить|"
    r"не существует|投递|传递|退信",
    re.IGNORECASE,
)
_NOTICE_ONLY = re.compile(
    r"out of (?:the )?office|vacation|on holiday|auto(?:matic)?[- ]?reply|abwesen", re.IGNORECASE
)
_DELAY = re.compile(
    r"delay|still being retried|will (?:keep|continue)\w{0,3} trying|could(?: not|n't) send (?:message|"
    r"mail) for|"
    r"not yet been delivered|no action is required|warning:|deferred|temporar|zu einem späteren|retard",
    re.IGNORECASE,
)
_JSON_BOUNCE = re.compile(r"(?:notificationType|eventType)\\{0,2}\"\s{0,3}:\s{0,3}\\{0,2}\"Bounce")
_STATUS = re.compile(r"(?<![\d.])([45]\.\d{1,2}\.\d{1,3})(?![\d.])")
_SERVER_WROTE = re.compile(
    r"(?<![\d.])[45]\.\d{1,2}\.\d{1,3}(?![\d.])|\b[45]\d\d[ -][45]\.\d|\b55[0-4][ -](?=\D)|"
    r"^-{3,40} {0,3}(?:returned|unsent) message",
    re.IGNORECASE | re.MULTILINE,
)
_REPLY_CODE = re.compile(r"(?<![\d.])([45])[0-5]\d[ -](?=[^\d\s]|\d\.)")
_ADDRESS = re.compile(r"[^\s<>()\[\]\",;:=/]{1,64}@[a-z0-9][a-z0-9.-]{2,120}", re.IGNORECASE)
_RETURNED_TEXT = re.compile(
    r"(?im)^[-\s>*=]{0,30}(?:unsent message|original (?:message|mail|e-?mail)|returned message|"
    r"message header|"
    r"this is a copy|below this line|message follows|-+ ?transcript of session|received: from)"
)


def read_bounce(raw: bytes, mail: ParsedMail) -> Bounce | None:
    """The delivery report in this mail, or None."""
    report_type = _report_type(mail)
    if report_type in ("feedback-report", "disposition-notification"):
        return None
    found = read_status(mail)
    if found is not None and (found.actions or found.recipients or found.status):
        return None if found.is_good_news else _from_status(found, mail)
    failed = mail.header("x-failed-recipients")
    if failed or report_type == "delivery-status":
        return _from_text(mail, tuple(one.lower() for one in _ADDRESS.findall(failed[:4_000])))
    machine = _machine_weight(mail)
    if not machine:
        return None
    if _JSON_BOUNCE.search(mail.text[:TEXT_LIMIT]):
        return _from_text(mail, ())
    if machine + _text_weight(mail) >= NEEDED:
        return _from_text(mail, ())
    recipients = _ask_flufl(raw) if machine >= 4 else ()
    return _from_text(mail, recipients) if recipients else None


def _report_type(mail: ParsedMail) -> str:
    content_type = mail.header("content-type").lower()
    found = re.search(r"report-type\s{0,5}=\s{0,5}\"?([a-z-]{3,40})", content_type)
    if found:
        return found.group(1)
    return (
        "feedback-report"
        if any(one.content_type == "message/feedback-report" for one in mail.attachments)
        else ""
    )


def _machine_weight(mail: ParsedMail) -> int:
    """How surely a mail system is the author: 0 (not at all) to 4."""
    address, name = mail.sender.email, mail.sender.name
    path = mail.header("return-path").strip().lower()
    if (
        _ROBOT_ADDRESS.match(address)
        or (not address and _ROBOT_NAME.search(name))
        or _ROBOT_NAME.fullmatch(name)
    ):
        return 4
    if mail.header("x-mlserver") and _WEAK_ADDRESS.match(address):
        return 4
    if path == "<>" or path.startswith("<mailer-daemon") or (mail.header("from") and not address):
        return 3
    text = (mail.text or mail.html)[:TEXT_LIMIT]
    if _LAYOUT.match(text[:400].lstrip()) and _carries_evidence(mail, text):
        return 3
    return 1 if _WEAK_ADDRESS.match(address) else 0


def _carries_evidence(mail: ParsedMail, text: str) -> bool:
    """Whether it shows what a person hardly writes: the returned mail, a server's code or banner."""
    return has_returned_mail(mail) or bool(_SERVER_WROTE.search(text))


def _text_weight(mail: ParsedMail) -> int:
    """How clearly subject and text speak of a failed delivery: 0 to 5."""
    if _NOTICE_ONLY.search(mail.subject):
        return 0
    text = (mail.text or mail.html)[:TEXT_LIMIT]
    weight = 2 if _SUBJECT.search(mail.subject[:300]) else 0
    weight += 2 if _BODY.search(text) else 0
    return weight + (1 if has_returned_mail(mail) or _RETURNED_TEXT.search(text) else 0)


def _from_status(found: DeliveryStatus, mail: ParsedMail) -> Bounce:
    is_permanent = not found.is_delay and not found.status.startswith("4")
    return Bounce(is_permanent, found.recipients, found.status, found.reason, original_ids(mail))


def _from_text(mail: ParsedMail, recipients: tuple[str, ...]) -> Bounce:
    """A report in words: status, reason and recipients are looked for above the returned mail."""
    text = (mail.text or mail.html)[:TEXT_LIMIT]
    returned = _RETURNED_TEXT.search(text)
    above = text[: returned.start()] if returned and returned.start() > 40 else text
    status = _STATUS.search(text)
    code = _REPLY_CODE.search(text)
    kind = status.group(1)[0] if status else code.group(1) if code else ""
    is_permanent = kind != "4" if kind else not _DELAY.search(mail.subject + "\n" + above)
    reason = next((line.strip() for line in above.split("\n") if _BODY.search(line[:500])), "")
    return Bounce(
        is_permanent,
        recipients or _named_recipients(mail, above),
        status.group(1) if status else "",
        reason[:500],
        original_ids(mail),
    )


def _named_recipients(mail: ParsedMail, text: str) -> tuple[str, ...]:
    own = {one.email for one in mail.to} | {mail.sender.email} | set(mail.delivered_to)
    found = (one.lower().strip(".-'") for one in _ADDRESS.findall(text))
    return tuple(dict.fromkeys(one for one in found if one not in own and not _ROBOT_ADDRESS.match(one)))[:10]


def _ask_flufl(raw: bytes) -> tuple[str, ...]:
    """The recipients flufl.bounce finds near the top; its readers break on odd mail, which means none."""
    import email

    from flufl.bounce import all_failures

    try:
        temporary, permanent = all_failures(
            email.message_from_bytes(re.sub(rb"(\r?\n){4,}", b"\n\n\n", raw[:RAW_LIMIT]))
        )
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, AssertionError):
        return ()
    return tuple(sorted(one.decode("utf-8", "replace").lower() for one in {*temporary, *permanent}))
