"""The words by which mail programs announce a quoted mail or a signature, in many languages."""

# ruff: noqa: RUF001 - words of other scripts stand here on purpose

from __future__ import annotations

import re
from typing import Final

from emailchannel.mail.text import words

_FORWARDED: Final = (
    r"forwarded message|weitergeleitete nachricht|message transféré|mensaje reenviado|"
    r"messaggio inoltrato|mensagem encaminhada|doorgestuurd bericht|videresendt (?:melding|"
    r"besked|meddelelse)|"
    r"vidarebefordrat meddelande|vidarebefordrat mejl|välitetty viesti|"
    r"przekazana wiadomość|wiadomość przekazana|přeposlaná zpráva|továbbított üzenet|"
    r"mesaj redirecționat|ilet(?:ilen|ilmiş) (?:mesaj|ileti)|edelleenlähetetty viesti|"
    r"wiadomość przesłana dalej|(?:treść )?przekazanej wiadomości|перенаправленное сообщение|"
    r"переслане повідомлення|перенаправлене повідомлення|mensagem reencaminhada|preposlaná správa|"
    r"proslijeđena poruka|videresendt e-post|message réexpédié|пересланное сообщение|"
    r"пересылаемое сообщение|转发的邮件|轉寄郵件|転送されたメッセージ|전달된 메시지"
)
# "-----Original Message-----" and "---------- Forwarded message ---------".
_ORIGINAL: Final = (
    r"original(?:e|al)? (?:message|mail|nachricht|bericht|appointment)|(?:message|mensaje|mensagem|"
    r"messaggio|missatge) origin(?:al|ale|e)|message d['’ ]origine|ursprüngliche (?:nachricht|"
    r"mail)|"
    r"original-?nachricht|antwort nachricht|oorspronkelijk bericht|oorspronkelijke e-mail|"
    r"(?:opprinnelig|oprindelig) (?:melding|meddelelse|besked|e-post)|ursprungligt meddelande|"
    r"originalmeddelande|alkuperäinen viesti|(?:wiadomość|wiadomosc) oryginalna|"
    r"oryginalna wiadomość|původní (?:zpráva|e-mail)|pôvodná správa|eredeti üzenet|"
    r"mesajul? original|исходное сообщение|оригинальное сообщение|"
    r"вихідне повідомлення|orijinal mesaj|özgün ileti|"
    r"原始邮件|原始郵件|邮件原件|原邮件|元のメッセージ|オリジナルメッセージ|원본 ?메시지|원본 메일|"
    r"αρχικό μήνυμα|thư gốc|reply message"
)
_BEGIN: Final = (
    r"begin (?:forwarded|quoted) message:|anfang der weitergeleiteten (?:nachricht|e-mail):|"
    r"début du message (?:réexpédié|transféré)\s?:|inizio messaggio inoltrato:|"
    r"inicio del mensaje reenviado:|início da mensagem (?:re)?encaminhada:|"
    r"begin doorgestuurd bericht:|vidarebefordrat brev:|videresendt besked:|videresendt melding:|"
    r"välitetty viesti alkaa:|początek przekazywanej wiadomości:|začátek přeposílané zprávy:|"
    r"начало переадресованного сообщения:|iletilen mesajın başlangıcı:|i̇?leti başlangıcı:|"
    r"započni proslijeđenu poruku:|továbbított levél kezdete:|începe mesajul redirecționat:|"
    r"začiatok preposlanej správy:|початок листа, що пересилається:|"
    r"начало пересылаемого сообщения:|"
    r"начало пересылаемого письма:|下面是被转发的邮件：|"
    r"以下は転送されたメッセージです：|전달된 메시지 시작:"
)
SPLITTER: Final = re.compile(
    rf"[>\s]*(?:[-_=*—–]{{2,40}}\s{{0,3}}\*?(?:{_ORIGINAL}|{_FORWARDED})\b.{{0,60}}|"
    rf"{_BEGIN})\s*$",
    re.I,
)
FORWARDED: Final = re.compile(
    rf"[>\s]*(?:[-_=*—–]{{2,40}}\s{{0,3}}\*?(?:{_FORWARDED})\b[^:：]{{0,60}}?|"
    rf"(?:{_FORWARDED})\s?[:：]|"
    rf"{_BEGIN})\s*$",
    re.I,
)
# Some programs print the announcement and all header lines as one line.
FORWARDED_INLINE: Final = re.compile(
    rf"(?<![>\s-])[>\s]*+-{{3,12}}\s?(?:{_FORWARDED})\s?-{{3,12}}\s?(?=\w)", re.I
)
RULE: Final = re.compile(r"(?:_{10,}|-{20,}|={20,}|\*{20,})$")

_KINDS: Final = {
    "from": "from|отправитель|šalje|gönderen|expeditorul|odosielateľ|sender|von|de|da|van|fra|"
    "från|lähettäjä|od|od koho|от|от кого|від|від кого|kimden|发件人|"
    "寄件者|差出人|送信元|보낸 사람|보낸사람|feladó|remitente|expéditeur|mittente|από|de la|"
    "expeditor|pošiljatelj|odosielateľ|odesílatel|nadawca|remetente|người gửi",
    "date": "date|gönderilen|päivämäärä|poslano|sent|gesendet|datum|envoyé|date d'envoi|enviado|"
    "enviado el|enviado em|enviada em|"
    "fecha|data|inviato|verzonden|sendt|skickat|dato|lähetetty|päivä|päiväys|pvm|wysłano|wysłane|"
    "odesláno|отправлено|дата|надіслано|gönderilme tarihi|gönderildi|tarih|发送时间|发送日期|日期|"
    "寄件日期|送信日時|日時|日付|보낸 날짜|날짜|elküldve|küldve|dátum|ημερομηνία|trimis|"
    "dată|sent at",
    "to": "to|prima|destinatarul|pre|dw do|an|à|para|a|aan|til|till|vastaanottaja|do|dla|komu|"
    "кому|до|kime|alıcı|收件人|收件者|宛先|"
    "받는 사람|받는사람|címzett|destinataire|pour|destinatario|προς|către|pro|adresat",
    "cc": "cc|kópia|dw|másolatot kapja|kopie|kopia|copie|copia|копия|копія|kopi|cópia|kopio|"
    "bilgi|抄送|副本|参照|másolat|másolatot kap",
    "subject": "subject|subiectul|predmet|betreff|objet|asunto|assunto|oggetto|onderwerp|emne|"
    "ämne|aihe|temat|předmět|"
    "predmet|тема|konu|主题|主旨|件名|제목|tárgy|θέμα|subiect|sujet|chủ đề",
}  # fmt: skip
_KIND_OF: Final = {word: kind for kind, text in _KINDS.items() for word in text.split("|")}
LABEL: Final = re.compile(
    "(?:^|(?<=[>\\s\"'\\w.]))("
    + "|".join(re.escape(word) for word in sorted(_KIND_OF, key=len, reverse=True) if len(word) > 1)
    + "|A):\\s",
    re.I,
)
HEADER: Final = re.compile(
    r"[>\s|]{0,10}[*_]{0,2}([^\W\d_][^:：*]{0,22}?)\s{0,2}[*_]{0,2}\s{0,2}[:：][*_]{0,2}(.{0,300})"
)

# How an attribution starts, when it runs over several lines.
ATTRIBUTION_START: Final = re.compile(
    r"[-*_>\s]{0,12}(?:on|at|am|um|le|el|il|in data|op|den|på|em|no dia|a|dnia|w dniu|dne|dňa|"
    r"pe|în|la|"
    r"pada|vào|στις|в|у|ngày|на|(?:mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|lun|mar|mer|"
    r"jeu|"
    r"ven|sam|dim|mié|jue|vie|sáb|dom|gio|seg|ter|qua|qui|sex|ma|wo|za|zo|tir|tor|ons|fre|lör|lør|"
    r"man|mån|pn|wt|śr|czw|pt|sob|ndz|пн|вт|ср|чт|пт|сб|вс|нд)[a-zäöüéáíóúçãêñ]{0,9}[.,]{0,2}|"
    r"\d{1,4}[./年-]\s?\d{1,2}[./月-]\s?\d{1,4})(?=[\s.,'’]|\d).{0,60}?\d",
    re.I,
)
_VERB: Final = (
    r"wrote|writes|sent|said|schrieb|geschrieben|a écrit|écrit|écrivit|escribió|escribiste|"
    r"ha scritto|"
    r"schreef|geschreven|skrev|escreveu|escrito|napisał(?:\(a\)|a)?|pisze|kirjoitti|"
    r"napsal(?:\(a\)|a)?|"
    r"napísal(?:\(a\)|a)?|írta|írt|a scris|пишет|пише|написал(?:\(а\)|а)?|написав(?:\(ла\))?|yazdı|"
    r"şunları yazdı|写道|寫道|さんは書きました|書きました|さんのメッセージ|님이 작성|작성|έγραψε|"
    r"đã viết|viết|menulis|va escriure|je napisao|rašė|kirjutas|a scritto|skrifaði"
)
_FEMININE: Final = re.compile(r"\(\?:.*?\)\?")
_VERBS: Final = (*_FEMININE.sub("", _VERB).split("|"), "(a)", "(а)", "(ла)")
VERB: Final = re.compile(rf"(?<![^\W\d_])(?:{_VERB})(?![^\W\d_])|写道|寫道|書きました|작성", re.I)
TIME: Final = re.compile(
    r"\d{1,2}[:.h]\d{2}|\b(?:19|20)\d\d\b|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d年|\d월|"
    r"\b\d{1,2}(?:st|nd|rd|th|\.)? ?(?:jan|feb|m[aä]r|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz])"
)
ADDRESS: Final = re.compile(r"[^\s<>@]{1,64}@[^\s<>@]{1,64}|<mailto:", re.I)
DATED_NAME: Final = re.compile(
    r"\d{4}[-/.]\d\d?[-/.]\d\d?\s{1,2}\d\d?:\d\d(?::\d\d)?\s{1,2}(?:GMT|"
    r"UTC)?[+-]?\d{0,2}:?\d{0,2}\s"
)

# An answer and the announcement of what it answers on one line.
SHARED_LINE: Final = re.compile(
    r"(.{0,400}?[^\s-])\s?(-{2,4}\s?(?:On|Am|Le|El|Il|Op|Em|Den)\s.*\d.*)"
)

# Lines a device or a program puts below every mail.
DEVICE: Final = re.compile(
    r"(?:sent (?:from|via|with|using) (?:my |a |the )?[^.,;!?]{2,40}(?:[.,] (?:please )?(?:excuse|"
    r"pardon|sorry).{0,60})?|get outlook for .{2,60}|sent from outlook.{0,60}|"
    r"from my (?:iphone|ipad|mobile|android).{0,20}|"
    r"envoyé (?:de|depuis|à partir de|avec) .{2,60}|télécharge[rz] outlook .{2,60}|"
    r"(?:von|aus) (?:meinem|meiner|mobil|outlook|der) .{2,60} gesendet\.?|"
    r"gesendet (?:von|mit|aus) .{2,60}|diese nachricht wurde von .{2,60} gesendet\.?|"
    r"outlook für (?:ios|android) .{0,40}|holen sie sich outlook .{2,50}|"
    r"enviado (?:desde|de|do|a partir de|com|pelo|via) .{2,60}|obtener outlook .{2,60}|"
    r"obter o? ?outlook .{2,60}|inviato (?:da|dal|con) .{2,60}|ottieni outlook .{2,60}|"
    r"scarica outlook .{2,60}|(?:verzonden|verstuurd) (?:vanaf|vanuit|met|van) .{2,60}|"
    r"outlook voor .{2,50} downloaden|skickat från .{2,60}|hämta outlook .{2,60}|"
    r"sendt fra .{2,60}|hent outlook .{2,60}|få outlook .{2,60}|lähetetty .{2,50}|"
    r"hanki outlook .{2,60}|wysłane z .{2,60}|pobierz outlook .{2,60}|odesláno z .{2,60}|"
    r"отправлено (?:с|из) .{2,60}|надіслано з .{2,60}|.{2,40} gönderildi|发自我的.{1,30}|"
    r"从我的.{1,20}发送|從我的.{1,20}傳送|iphoneから送信|.{1,20}から送信|나의 .{1,20}에서 보냄|"
    r"elküldve .{2,60}|στάλθηκε από .{2,60})\s*$",
    re.I,
)
DELIMITER: Final = re.compile(r"(?:--|—|–|__)$")
DASHED_NAME: Final = re.compile(r"[-–/]\s?[A-Z][\w.'-]{1,20}(?:\s[A-Z][\w.'-]{0,20}){0,2}$")
_LINK: Final = re.compile(r"\s?<?https?://[^\s<>]{1,300}>?")
_NOT_A_DEVICE: Final = words(
    "desk account email address office side shop website site store bank order"
)


def ends_with_verb(text: str) -> bool:
    """Whether "wrote" in some language ends the text, but for dashes and colons."""
    return text.rstrip(" -—:：").lower().endswith(_VERBS)


def kind(word: str) -> str:
    """from, date, to, cc, subject, or "" for the name of a header line."""
    return _KIND_OF.get(word.strip().lower(), "")


def is_device_line(line: str) -> bool:
    """Whether a line only says what the mail was written with."""
    if len(line) > 500 or not line:
        return False
    line = _LINK.sub("", line) if "http" in line else line
    return (
        len(line) < 130
        and DEVICE.match(line) is not None
        and not (set(line.lower().replace(",", " ").split()) & _NOT_A_DEVICE)
    )
