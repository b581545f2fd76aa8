"""The words mail clients put above a quoted or forwarded mail, in the languages they speak.

Labels of header blocks (From, Sent, To, Subject), verbs of attribution lines ("wrote"),
titles of separators ("Original Message"). Data and one pattern each, all linear.
"""

import re

FROM = (
    "From|Von|De|Da|Van|Från|Fra|Od|Lähettäjä|Feladó|Expeditor|Expeditorul|De la|Šalje|Pošiljatelj|"
    "Pošiljalac|От|"
    "Отправитель|Від|От кого|Kimden|Gönderen|Από|מאת|من|差出人|送信元|送信者|发件人|寄件人|寄件者|寄件者|"
    "发自|"
    "보낸 ?사람|보내는 사람|발신|Từ|Người gửi|Saatja|Kellelt|No|Sūtītājs|Nuo|Siuntėjas|Expéditeur|"
    "Remitente|"
    "Remetente|Mittente|Afzender|Avsändare|Avsender|Afsender|Absender|Nadawca|Odesílatel|Odosielateľ|จาก|"
    "Dari|"
    "Отправлено от|Oт"
)
SENT = (
    "Sent|Date|Gesendet|Datum|Envoyé|Envoyé le|Date d'envoi|Enviado|Enviado el|Enviada em|Enviado em|"
    "Fecha|Data|"
    "Inviato|Verzonden|Skickat|Sendt|Dato|Lähetetty|Päivämäärä|Päiväys|Wysłano|Wysłane|Odesláno|Odoslané|"
    "Dátum|"
    "Elküldve|Küldés ideje|Trimis|Trimis la|Dată|Poslano|Poslato|Отправлено|Дата|Надіслано|Відправлено|"
    "Gönderildi|"
    "Gönderilen|Gönderme|Tarih|Στάλθηκε|Ημερομηνία|Εστάλη|נשלח|תאריך|تاريخ|التاريخ|تاريخ الإرسال|الإرسال|"
    "送信日時|日時|"
    "日付|发送时间|发件时间|时间|日期|发送日期|寄件日期|傳送時間|보낸 ?날짜|날짜|Ngày|Đã gửi|Saadetud|"
    "Kuupäev|Nosūtīts|Datums|"
    "Išsiųsta|วันที่|ส่ง|Tanggal|Dikirim|Изпратено|Дата и час"
)
TO = (
    "To|An|À|A|Para|Aan|Till|Til|Do|Komu|Pre|Vastaanottaja|Címzett|Către|Destinatar|Destinatarul|Prima|"
    "Za|Кому|Kime|"
    "Alıcı|Προς|אל|إلى|宛先|送信先|收件人|收件者|받는 ?사람|수신|Đến|Tới|Kellele|Saaja|Kam|Adresāts|Kam|"
    "Kam|Gavėjas|Pour|"
    "Destinataire|Destinatario|Destinatário|Adresat|Empfänger|ถึง|Kepada|До"
)
SUBJECT = (
    "Subject|Betreff|Objet|Sujet|Asunto|Assunto|Oggetto|Onderwerp|Ämne|Emne|Aihe|Temat|Předmět|Predmet|"
    "Tárgy|Subiect|"
    "Subiectul|Naslov|Zadeva|Тема|Konu|Θέμα|נושא|الموضوع|موضوع|件名|主题|主旨|主題|标题|제목|Chủ đề|"
    "Tiêu đề|Teema|Temats|Tēma|"
    "Tema|เรื่อง|Subjek|Perihal|Относно"
)
OTHER = (
    "Cc|CC|Bcc|Kopie|Kopie \\(CC\\)|Copie|Copie à|Copia|Cópia|Kopia|Kopi|Kopio|Másolat|Másolatot kap|"
    "Kópia|Dw|DW|Do wiadomości|"
    "Kopija|Копия|Копія|Bilgi|Κοιν\\.?|Κοινοποίηση|עותק|نسخة|抄送|副本|참조|Đồng gửi|Koopia|Reply-To|"
    "Antwort an|Répondre à|"
    "Responder a|Rispondi a|Antwoord aan|Svar til|Svara till|Vastaus|Odpověď na|Odpowiedź-do|Importance|"
    "Wichtigkeit|"
    "Priority|Attachments?|Anlagen|Anhänge|Pièces jointes|Allegati|Bijlagen|Bilagor|Załączniki|"
    "添付ファイル|附件|"
    "Organization|Organisation|Mailed-By|Resent-From"
)
_EMPHASIS = r"[*_]{0,2}"
_PREFIX = rf"^[>\s|]{{0,40}}{_EMPHASIS}\s?"
_COLON = rf"{_EMPHASIS}[\s\u00a0]{{0,3}}[:\uff1a]{_EMPHASIS}"


def _label(words: str) -> re.Pattern[str]:
    return re.compile(rf"{_PREFIX}(?:{words}){_COLON}(?P<value>.*)$", re.IGNORECASE)


FROM_LABEL = _label(FROM)
SENT_LABEL = _label(SENT)
TO_LABEL = _label(TO)
SUBJECT_LABEL = _label(SUBJECT)
OTHER_LABEL = _label(OTHER)
ANY_LABEL = _label(f"{FROM}|{SENT}|{TO}|{SUBJECT}|{OTHER}")

# Verbs that stand last ("... wrote:"), verbs that stand within ("schrieb Max:"), and those without spaces.
WROTE_LAST = (
    r"wrote|writes|write|schrieb(?:en)?|geschrieben|a [ée]crit|à écrit|[ée]crit|ecrivait|écrivait|"
    r"escribi[óo]|ha escrito|escreveu|ha scritto|scrisse|scriveva|schreef|geschreven|schreef het volgende|"
    r"skrev|skreiv|har skrevet|skrev så här|följande|følgende|kirjoitti|napisa[łl](?:\(-?a\)|/?a)?|pisze|"
    r"nadesłał(?:\(a\)|a)?|"
    r"nap[íi]sal(?:\(-?a\)|/?a)?|ezt írta|írta|a scris|(?:је )?написа[ол](?:\(-?а\)|/?ла|/?а|:а)?|"
    r"je napisao(?:/la)?|"
    r"je napisal[ao]?(?: je)?|написа|napisao je|je napisal(?:a)?|piše|пишет|писал(?:\(а\)|а)?|"
    r"написав(?:\(ла\))?|пише|"
    r"şunu yazdı|şunları yazdı|yazdı|έγραψε|כתב(?:/ה|ה|\(ה\))?|كتب(?:ت)?|đã viết|viết|kirjutas|rakstīja|"
    r"rašė|parašė|"
    r"เขียน(?:ว่า)?|menulis"
)
WROTE_WITHIN = (
    r"schrieb(?:en)?|schreibt|schreef|skrev|skreiv|kirjoitti|(?<!\bI )wrote on(?= \d| \w{3}[,. ])|"
    r"Quoting|Zitat von|Missatge de|Citeren|Citando(?: a)?|Citat från|napisał(?:\(a\)|a)?|napsal(?:\(a\)|a)?|"
    r"írta|wrote the following|rašė|kirjutas|schrieb am"
)
WROTE_CJK = r"写道|寫道|寫|のメール|書きました|님이 작성(?:하였습니다)?|작성|님이 썼습니다"
ORIGINAL_TITLE = (
    r"Original Message|Original-?Nachricht|Ursprüngliche (?:Nachricht|Mail|E-Mail)|Urspr. Nachricht|"
    r"Message d'origine|Message original|Mensaje original|Mensagem original|Messaggio originale|"
    r"Oorspronkelijk bericht|Origineel bericht|Ursprungligt meddelande|Originalmeddelande|"
    r"Oprindelig meddelelse|"
    r"Opprinnelig melding|Alkuperäinen viesti|Wiadomość oryginalna|Oryginalna wiadomość|"
    r"Původní (?:zpráva|e-mail)|"
    r"Pôvodná správa|Eredeti üzenet|Mesaj original|Mesajul original|Originalna poruka|Izvorna poruka|"
    r"Izvirno sporočilo|Исходное сообщение|Оригинальное сообщение|Вихідне повідомлення|"
    r"Оригінальне повідомлення|"
    r"Orijinal (?:Mesaj|İleti)|Özgün İleti|Αρχικό μήνυμα|הודעה מקורית|الرسالة الأصلية|元のメッセージ|"
    r"原始邮件|原始郵件|原邮件|원본 (?:메시지|메일)|Original Appointment|Thư gốc|Tin nhắn gốc|Algne kiri|"
    r"Originalziņojums|Oriģinālais ziņojums|Pradinis laiškas|Reply message|Reply Message|Original Email|"
    r"Mensagem Original|Original message"
)
SENT_FROM = (
    r"Sent (?:from|via|with|using|by) |Get Outlook for |Gesendet (?:von|mit|über) |"
    r"Von [^.]{2,40} gesendet|Mit [^.]{2,30} gesendet|"
    r"Diese Nachricht wurde von meinem|Envoyé (?:de|depuis|à partir|avec|par) |Télécharge[zr] Outlook|"
    r"Obtenez Outlook|"
    r"Enviado (?:desde|do|de|a partir|por|via) |Obtener Outlook|Obter o Outlook|Inviato (?:da|dal|con) |"
    r"Ottieni Outlook|"
    r"Verzonden (?:vanaf|met|via|vanuit) |Verstuurd (?:vanaf|met|via) |Outlook voor |Skickat från |"
    r"Skickad från |Hämta Outlook|"
    r"Sendt fra |Hent Outlook|Lähetetty |Hanki Outlook|Wysłan[eoy] (?:z|za pomocą) |"
    r"Pobierz program Outlook|"
    r"Odesláno z|Odoslané z|Získejte Outlook|Küldve |Elküldve |Trimis de |Poslano (?:s|iz|z) |"
    r"Отправлено (?:с|из) |Надіслано з |iPhone'umdan gönderildi|Gönderildi |Στάλθηκε από |"
    r"נשלח מ|أرسلت من|أُرسلت من|iPhoneから送信|iPadから送信|(?:从|發自|发自|傳自)我的|从我的|"
    r"내 ?(?:iPhone|iPad|갤럭시).{0,12}에서 보냄|나의 .{0,12}에서 보냄|"
    r"Đã gửi từ|Gửi từ |Saadetud minu|Nosūtīts no |Išsiųsta iš |Dikirim dari |Sent on the go|Typed on |"
    r"Tapped on "
)


def is_label(line: str) -> bool:
    """Whether the line is one of a quoted header block."""
    return len(line) <= 2_000 and bool(ANY_LABEL.match(line))
