"""What a sender newly wrote, in the languages and shapes of mail clients, and on hostile input."""

import textwrap
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casso.rules.quoting import split_reply

REPLY = "Thanks, that works.\n\nBob"
ATTRIBUTIONS = """\
On Mon, Jan 5, 2026 at 10:00 AM Ada King <ada@calc.example> wrote:
Am Mo., 5. Jan. 2026 um 10:00 Uhr schrieb Ada King <ada@calc.example>:
Le lun. 5 janv. 2026 à 10:00, Ada King <ada@calc.example> a écrit :
El lun, 5 ene 2026 a las 10:00, Ada King (<ada@calc.example>) escribió:
Il giorno lun 5 gen 2026 alle ore 10:00 Ada King <ada@calc.example> ha scritto:
Em seg., 5 de jan. de 2026 às 10:00, Ada King <ada@calc.example> escreveu:
Op ma 5 jan 2026 om 10:00 schreef Ada King <ada@calc.example>:
Den man. 5. jan. 2026 kl. 10.00 skrev Ada King <ada@calc.example>:
Den mån 5 jan. 2026 kl 10:00 skrev Ada King <ada@calc.example>:
ma 5. tammik. 2026 klo 10.00 Ada King (ada@calc.example) kirjoitti:
pon., 5 sty 2026 o 10:00 Ada King <ada@calc.example> napisał(a):
po 5. 1. 2026 v 10:00 odesílatel Ada King <ada@calc.example> napsal:
po 5. 1. 2026 o 10:00 Ada King <ada@calc.example> napísal(a):
Ada King <ada@calc.example> ezt írta (időpont: 2026. jan. 5., H, 10:00):
lun., 5 ian. 2026 la 10:00, Ada King <ada@calc.example> a scris:
pon, 5. sij 2026. u 10:00 Ada King <ada@calc.example> napisao je:
V pon., 5. jan. 2026 ob 10:00 je oseba Ada King <ada@calc.example> napisala:
Ada King <ada@calc.example>, 5 Oca 2026 Pzt, 10:00 tarihinde şunu yazdı:
пн, 5 янв. 2026 г. в 10:00, Ada King <ada@calc.example>:
пн, 5 січ. 2026 р. о 10:00 Ada King <ada@calc.example> пише:
Στις Δευ 5 Ιαν 2026 στις 10:00 π.μ., ο χρήστης Ada King <ada@calc.example> έγραψε:
בתאריך יום ב׳, 5 בינו׳ 2026 ב-10:00 מאת Ada King <ada@calc.example>:
في الاثنين، ٥ يناير ٢٠٢٦ في ١٠:٠٠ ص تمت كتابة ما يلي بواسطة Ada King <ada@calc.example>:
2026年1月5日(月) 10:00 Ada King <ada@calc.example>:
Ada King <ada@calc.example> 于2026年1月5日周一 10:00写道：
2026년 1월 5일 (월) 오전 10:00, Ada King <ada@calc.example>님이 작성:
Vào Th 2, 5 thg 1, 2026 vào lúc 10:00 Ada King <ada@calc.example> đã viết:
Kuupäev E, 5. jaan 2026 kell 10:00 kirjutas Ada King <ada@calc.example>:
2026-01-05, pr, 10:00 Ada King <ada@calc.example> rašė:
Pirmd., 2026. g. 5. janv. plkst. 10:00 lietotājs Ada King (<ada@calc.example>) rakstīja:
На пн, 5.01.2026 г. в 10:00 Ada King <ada@calc.example> написа:
On 05.01.26 10:00, Ada King wrote:
Am 05.01.26 um 10:00 schrieb Ada King:
Le 05/01/2026 à 10:00, Ada King a écrit :
W dniu 05.01.2026 o 10:00, Ada King pisze:
2026/01/05 10:00、Ada King <ada@calc.example>のメール:
---- On Mon, 05 Jan 2026 10:00:00 +0100 Ada King <ada@calc.example> wrote ----
"Ada King" <ada@calc.example> wrote on 01/05/2026 10:00:00 AM:
Zitat von Ada King <ada@calc.example>:
2026-01-05 10:00 GMT+01:00 Ada King <ada@calc.example>:""".split("\n")
HEADERS = [
    ("From", "Sent", "To", "Subject"),
    ("Von", "Gesendet", "An", "Betreff"),
    ("De", "Envoyé", "À", "Objet"),
    ("De", "Enviado el", "Para", "Asunto"),
    ("Da", "Inviato", "A", "Oggetto"),
    ("Van", "Verzonden", "Aan", "Onderwerp"),
    ("Fra", "Sendt", "Til", "Emne"),
    ("Från", "Skickat", "Till", "Ämne"),
    ("Lähettäjä", "Lähetetty", "Vastaanottaja", "Aihe"),
    ("Od", "Wysłano", "Do", "Temat"),
    ("Od", "Odesláno", "Komu", "Předmět"),
    ("Feladó", "Elküldve", "Címzett", "Tárgy"),
    ("De la", "Trimis", "Către", "Subiect"),
    ("Šalje", "Poslano", "Prima", "Predmet"),
    ("От", "Отправлено", "Кому", "Тема"),
    ("Від", "Надіслано", "Кому", "Тема"),
    ("Kimden", "Gönderildi", "Kime", "Konu"),
    ("Από", "Στάλθηκε", "Προς", "Θέμα"),
    ("מאת", "נשלח", "אל", "נושא"),
    ("من", "تاريخ الإرسال", "إلى", "الموضوع"),
    ("差出人", "送信日時", "宛先", "件名"),
    ("发件人", "发送时间", "收件人", "主题"),
    ("보낸 사람", "보낸 날짜", "받는 사람", "제목"),
    ("Từ", "Đã gửi", "Đến", "Chủ đề"),
    ("Saatja", "Saadetud", "Saaja", "Teema"),
    ("No", "Nosūtīts", "Kam", "Tēma"),
    ("Nuo", "Išsiųsta", "Kam", "Tema"),
]


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
@pytest.mark.parametrize("quoted", ["> Does it work?\n> Ada", "Does it work?\nAda"])
def test_an_attribution_in_any_language_ends_the_reply(attribution: str, quoted: str) -> None:
    assert split_reply(f"{REPLY}\n\n{attribution}\n\n{quoted}\n", "") == REPLY


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
def test_an_attribution_may_be_wrapped_over_lines(attribution: str) -> None:
    wrapped = "\n".join(textwrap.wrap(attribution, 42))
    assert split_reply(f"{REPLY}\n\n{wrapped}\n> Does it work?\n", "") == REPLY


@pytest.mark.parametrize("labels", HEADERS)
@pytest.mark.parametrize("rule", ["", "________________________________\n", "-----Original Message-----\n"])
def test_a_header_block_in_any_language_ends_the_reply(labels: tuple[str, ...], rule: str) -> None:
    values = ("Ada King <ada@calc.example>", "5. 1. 2026 10:00", "Bob", "Does it work?")
    block = "\n".join(f"{label}: {value}" for label, value in zip(labels, values, strict=True))
    assert split_reply(f"{REPLY}\n\n{rule}{block}\n\nDoes it work?\nAda\n", "") == REPLY


@pytest.mark.parametrize(
    "separator",
    [
        "-----Ursprüngliche Nachricht-----",
        "----- Mensaje original -----",
        "-------- Исходное сообщение --------",
        "------------------ 原始邮件 ------------------",
        "Begin forwarded message:",
        "Anfang der weitergeleiteten Nachricht:",
    ],
)
def test_a_separator_ends_the_reply(separator: str) -> None:
    assert split_reply(f"{REPLY}\n\n{separator}\n\nDoes it work?\n", "") == REPLY


@pytest.mark.parametrize(
    "line",
    [
        "##- Please type your reply above this line -##",
        "Bitte antworten Sie oberhalb dieser Zeile",
        "--- Répondez au-dessus de cette ligne ---",
        "Пишите ответ выше этой строки",
    ],
)
def test_a_desks_own_separator_ends_the_reply(line: str) -> None:
    assert split_reply(f"{REPLY}\n\n{line}\n\nYour ticket 17 was updated.\n", "") == REPLY


def test_answers_between_quotes_are_shown_with_the_quotes() -> None:
    text = "On 5 Jan 2026, Ada <ada@calc.example> wrote:\n> One?\n\nYes.\n\n> Two?\n\nNo.\n\n-- \nBob\n"
    assert split_reply(text, "") == text.partition("\n\n-- ")[0]


def test_an_answer_below_one_quote_is_shown_alone() -> None:
    text = "On 5 Jan 2026, Ada <ada@calc.example> wrote:\n> One?\n> Two?\n\nYes to both.\n"
    assert split_reply(text, "") == "Yes to both."


def test_nothing_but_a_quote_is_shown_as_it_is() -> None:
    assert split_reply("> Is this all?\n> Yes\n", "") == "> Is this all?\n> Yes"


@pytest.mark.parametrize(
    "end",
    [
        "-- \nBob King\nCalc Ltd",
        "--\nBob King",
        "Sent from my iPhone",
        "Von meinem iPhone gesendet",
        "Von Samsung-Tablet gesendet",
        "Sent from my Android device with K-9 Mail. Please excuse my brevity.",
        "Envoyé de mon iPhone",
        "Get Outlook for iOS<https://aka.example/x>",
        "iPhoneから送信",
        "________________________________",
    ],
)
def test_signature_and_device_footer_go(end: str) -> None:
    assert split_reply(f"{REPLY}\n\n{end}\n", "") == REPLY


@pytest.mark.parametrize(
    "text",
    [
        "On Monday I wrote:\nnothing at all.",
        "Please call me on 5 Jan 2026 at 10:00.\nThanks",
        "From: and To: are labels.\nI like them.",
        "The file begins so:\n\nalpha\nbeta",
        "Please check:\nNo: 17\nDate: 5.1.2026\nTotal: 12.00",
        "Two prices: 10.50\nThree: 12.00\nbye",
        "Sent from my desk, this is a rather long sentence about things.",
        "I use -- often -- in text.\nRegards, Bob",
    ],
)
def test_plain_sentences_stay(text: str) -> None:
    assert split_reply(text, "") == text


def test_a_greeting_right_above_the_attribution_stays() -> None:
    assert split_reply("Yes.\nOn 5 Jan 2026, Ada <ada@calc.example> wrote:\n> One?\n", "") == "Yes."


@pytest.mark.parametrize(
    "html",
    [
        '<p>Yes &amp; no.</p><div class="gmail_quote">On 5 Jan Ada wrote:<blockquote>1?</blockquote></div>',
        '<p>Yes &amp; no.</p><blockquote type="cite"><p>One?</p></blockquote>',
        '<p>Yes &amp; no.</p><hr tabindex="-1"><div id="divRplyFwdMsg"><b>Von:</b> Ada</div><p>One?</p>',
        '<p>Yes &amp; no.</p><div id="appendonsend"></div><p>One?</p>',
        '<p>Yes &amp; no.</p><div style="border:none;border-top:solid #E1E1E1 1.0pt">X: Ada</div><p>1?</p>',
        '<p>Yes &amp; no.</p><div class="yahoo_quoted"><p>One?</p></div>',
        '<p>Yes &amp; no.</p><div class="moz-cite-prefix">Am 05.01.26 um 10:00 schrieb Ada:</div>'
        '<blockquote type="cite">One?</blockquote>',
    ],
)
def test_quote_elements_of_html_clients_end_the_reply(html: str) -> None:
    assert split_reply("", html) == "Yes & no."


def test_html_decides_when_the_text_shows_no_quote() -> None:
    html = '<p>Yes.</p><div class="gmail_quote"><p>Rhywbeth arall</p></div>'
    assert split_reply("Yes.\n\nRhywbeth arall", html) == "Yes."


def test_scripts_and_styles_are_no_text() -> None:
    assert split_reply("", "<style>p{}</style><script>x()</script><p>Yes.</p>") == "Yes."


def test_html_nested_beyond_the_parser_still_gives_its_text() -> None:
    assert split_reply("", "<div>" * 5_000 + "deep" + "</div>" * 5_000) == "deep"


def test_a_reply_is_bounded() -> None:
    assert len(split_reply("word\n" * 100_000, "")) <= 100_000
    assert len(split_reply("", "<p>word</p>" * 60_000)) <= 100_000


HOSTILE = {
    "attribution starts": "On 5 Jan 2026\n" * 20_000,
    "attribution words": "On " * 100_000 + "wrote:",
    "attribution ends": "On 5 a@b:\n" * 20_000,
    "labels": "From: a\n" * 20_000,
    "labels in a line": ("From: " * 90 + "\n") * 400,
    "angles": ("<@>" * 90 + ":\n") * 400,
    "ats": ("a@" * 140 + ":\n") * 400,
    "dashes": "-" * 500_000,
    "dashed lines": ("-" * 90 + "\n") * 2_000,
    "quotes": "> > > >\n" * 100_000,
    "blank": "\n" * 500_000,
    "spaces": (" " * 900 + "x\n") * 300,
    "digits": ("1" * 290 + ":\n") * 400,
    "pgp": "-----BEGIN PGP SIGNED MESSAGE-----\n" * 5_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_takes_little_time(name: str) -> None:
    start = time.process_time()
    split_reply(HOSTILE[name], "")
    assert time.process_time() - start < 4


@pytest.mark.parametrize(
    "html",
    [
        "<blockquote>" * 50_000 + "x",
        "<blockquote>" + "<table>" + "<tr><td>a</td></tr>" * 60_000,
        "<style>" * 60_000,
        "<blockquote>" + "<" * 500_000,
        '<div style="border:none;border-top:solid #ccc 1.0pt">' * 5_000 + "a: b",
    ],
)
def test_hostile_html_takes_little_time(html: str) -> None:
    start = time.process_time()
    split_reply("", html)
    assert time.process_time() - start < 6


def test_html_beyond_the_limit_is_not_even_looked_through() -> None:
    html = "<p>a</p>" * 5_000_000
    start = time.process_time()
    assert split_reply("Yes.", html + "<blockquote>old</blockquote>") == "Yes."
    assert time.process_time() - start < 1.5


@pytest.mark.parametrize("html", ['<p id="divRplyFwdMsg">a</p>' * 12_000, '<hr tabindex="-1">' * 15_000])
def test_thousands_of_separators_side_by_side_take_little_time(html: str) -> None:
    start = time.process_time()
    split_reply("", html + "<blockquote>")
    assert time.process_time() - start < 1.5


PIECES = st.sampled_from(
    [*ATTRIBUTIONS[:8], "> q", ">> q", "-- ", "text", "", "From: a", "To: b", "Sent: c", "\u202e:"]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=25), st.text(alphabet="ab :>-\t\r\u202e\U0001f600", max_size=40))
def test_any_order_of_lines_gives_lines_of_the_mail(lines: list[str], tail: str) -> None:
    text = "\n".join([*lines, tail]).replace("\r\n", "\n")
    kept = {line.strip() for line in split_reply(text, "").split("\n")}
    assert kept <= {line.strip() for line in text.split("\n")} | {""}


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="<>/abdivblockquote= \"'&;:#", max_size=200))
def test_mangled_html_never_raises(html: str) -> None:
    split_reply("", html)
