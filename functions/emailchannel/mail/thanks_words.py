"""The words of a mail that only says thank you, western languages, and what is shared.

`thanks_world` has the other languages. Nothing that asks, refuses or reports anything belongs here.
"""

# ruff: noqa: RUF001 - words of other scripts stand here on purpose

from __future__ import annotations

from typing import Final, NamedTuple


class Language(NamedTuple):
    """Five lists of words and phrases, separated by "|", in any spelling that `thanks.fold` equals.

    `thanks` and `done` (it works, got it, perfect) make a text one of thanks; `more` may stand
    beside them; after one of the words in `before` may stand any of `things`.
    """

    thanks: str
    done: str = ""
    more: str = ""
    before: str = ""
    things: str = ""


WESTERN: Final = {
    "en": Language(
        "thanks|thank you|thankyou|thank u|thx|tnx|ty|many thanks|thanks a lot|thanks a million|"
        "thanks a bunch|thanks a ton|much appreciated|appreciated|appreciate it|i appreciate it|"
        "i really appreciate it|really appreciate it|i appreciate your help|appreciate your help|"
        "cheers|much obliged|bless you|ta",
        "perfect|great|excellent|awesome|amazing|wonderful|fantastic|brilliant|lovely|splendid|"
        "that's great|that is great|that's perfect|that is perfect|that's wonderful|superb|"
        "sounds good|sounds great|sounds perfect|looks good|got it|noted|understood|received|"
        "well received|all good|all good now|it works|it works now|works now|works again|"
        "that worked|that works|it worked|works perfectly|it works perfectly|it works again|"
        "works great|it's working|it's working now|it is working now|working now|"
        "everything works|everything works now|problem solved|issue solved|issue resolved|"
        "problem resolved|all sorted|sorted|solved|great job|good job|great work|well done|"
        "great service|great support|excellent service|excellent support|very kind|"
        "you're the best|you are the best|you're awesome|you are awesome|you rock|good to know|"
        "thumbs up|glad to hear",
        "so much|very much|a lot|so|very|again|once again|once more|indeed|kindly|and|all|both|"
        "everyone|guys|team|to you|you|you all|to you all|for that|for this|for it|"
        "for everything|really|i|we|just wanted to say|just want to say|how kind|how nice|much|"
        "sincerely|ever so much",
        "for",
        "your|the|all|all your|all the|quick|fast|prompt|swift|speedy|kind|great|good|excellent|"
        "friendly|amazing|wonderful|fantastic|brilliant|helpful|immediate|super|very|and|help|"
        "assistance|support|reply|response|answer|answers|message|mail|email|e-mail|feedback|"
        "info|information|explanation|clarification|confirmation|update|service|effort|efforts|"
        "work|time|patience|understanding|kindness|advice|tip|hint|solution|hard|lovely|helping|"
        "helping me|helping us|helping out|letting me know|letting us know|getting back to me|"
        "getting back to us|so quickly|so fast|that|this|it|everything|out",
    ),
    "de": Language(
        "danke|danke schön|dankeschön|danke sehr|vielen dank|vielen lieben dank|lieben dank|"
        "besten dank|herzlichen dank|tausend dank|schönen dank|großen dank|ganz herzlichen dank|"
        "ich danke ihnen|wir danken ihnen|ich bedanke mich|wir bedanken uns|merci|ich danke dir|"
        "danke ihnen|danke dir|danke euch|dank",
        "perfekt|super|prima|toll|klasse|wunderbar|großartig|hervorragend|ausgezeichnet|bestens|"
        "passt|passt so|alles klar|alles gut|alles bestens|alles in ordnung|hat geklappt|"
        "es hat geklappt|das hat geklappt|hat funktioniert|funktioniert|es funktioniert|"
        "es funktioniert jetzt|funktioniert jetzt|jetzt funktioniert es|jetzt geht es|"
        "es geht jetzt|es geht wieder|funktioniert wieder|läuft|läuft wieder|verstanden|erhalten|"
        "ist angekommen|angekommen|erledigt|problem gelöst|gelöst|sehr nett|sehr freundlich|"
        "sehr gut|spitze|sie sind ein schatz|super service|toller service|gute arbeit",
        "sehr|vielmals|nochmals|nochmal|noch einmal|herzlich|dafür|hierfür|ihnen|dir|euch|und|"
        "allen|auch|ganz|so|das ist|das war|wirklich|für alles",
        "für",
        "die|das|den|ihre|ihren|ihr|eure|euren|deine|deinen|dein|alles|schnelle|schnellen|rasche|"
        "raschen|prompte|prompten|freundliche|freundlichen|nette|netten|gute|guten|tolle|tollen|"
        "kompetente|super|sehr|und|hilfe|unterstützung|antwort|rückmeldung|nachricht|mail|email|"
        "e-mail|info|infos|information|informationen|auskunft|service|support|bearbeitung|mühe|"
        "bemühungen|geduld|verständnis|klärung|erklärung|bestätigung|einsatz|kulanz|tipp|hinweis|"
        "reaktion|erledigung|lösung|zeit",
    ),
    "fr": Language(
        "merci|merci beaucoup|merci bien|mille mercis|merci infiniment|un grand merci|"
        "grand merci|je vous remercie|nous vous remercions|je te remercie|merci mille fois|"
        "avec mes remerciements|merci à vous|merci à toi|merci à tous",
        "parfait|super|génial|excellent|formidable|c'est parfait|c'est super|très bien|top|"
        "nickel|bien reçu|c'est noté|noté|bien noté|compris|reçu|ça marche|ça fonctionne|"
        "tout fonctionne|ça fonctionne maintenant|ça marche maintenant|problème résolu|résolu|"
        "c'est réglé|très gentil|c'est très gentil",
        "beaucoup|encore|infiniment|vivement|sincèrement|à vous|à toi|à tous|vraiment|et|bien|"
        "encore une fois|pour tout|mille fois",
        "pour|de",
        "votre|vos|ton|ta|l'aide|la|le|les|cette|ce|tout|toute|très|et|rapide|rapidité|"
        "réactivité|aimable|précieuse|excellent|excellente|aide|réponse|réponse rapide|retour|"
        "message|mail|courriel|e-mail|information|informations|infos|assistance|soutien|service|"
        "disponibilité|gentillesse|patience|compréhension|efficacité|confirmation|explication|"
        "explications|travail|accueil|professionnalisme",
    ),
    "es": Language(
        "gracias|muchas gracias|muchísimas gracias|mil gracias|gracias mil|muy agradecido|"
        "muy agradecida|te lo agradezco|se lo agradezco|os lo agradezco|le agradezco|agradecido|"
        "agradecida|un millón de gracias|gracias a ti|gracias a usted|gracias a ustedes",
        "perfecto|genial|excelente|estupendo|fantástico|maravilloso|todo bien|entendido|recibido|"
        "ya funciona|funciona|funciona perfectamente|todo funciona|ahora funciona|solucionado|"
        "problema resuelto|resuelto|muy amable|qué bien|muy bien|de acuerdo perfecto",
        "muchas|de verdad|otra vez|de nuevo|nuevamente|y|muy|a todos|por todo|mucho|realmente",
        "por|de",
        "la|el|su|sus|tu|tus|vuestra|todo|toda|rápida|pronta|excelente|buena|gran|amable|y|ayuda|"
        "respuesta|atención|información|mensaje|correo|apoyo|servicio|tiempo|paciencia|"
        "comprensión|amabilidad|rapidez|confirmación|aclaración|aclaraciones|ayudarme|responder|"
        "contestar",
    ),
    "it": Language(
        "grazie|grazie mille|mille grazie|molte grazie|tante grazie|grazie tante|vi ringrazio|"
        "la ringrazio|ti ringrazio|grazie infinite|grazie di cuore|grazie a voi|grazie a lei|"
        "grazie a te|ringrazio",
        "perfetto|ottimo|benissimo|fantastico|eccellente|splendido|tutto ok|tutto bene|ricevuto|"
        "capito|adesso funziona|ora funziona|funziona|risolto|problema risolto|gentilissimo|"
        "gentilissima|gentilissimi|molto gentile|va bene grazie",
        "mille|ancora|davvero|di cuore|e|molto|di nuovo|infinite|di tutto|a tutti|per tutto",
        "per|della|dell'|del|di",
        "la|il|lo|l'aiuto|vostra|vostro|sua|suo|tua|tuo|l'assistenza|rapida|veloce|pronta|"
        "gentile|ottima|ottimo|e|aiuto|risposta|disponibilità|cortesia|gentilezza|informazione|"
        "informazioni|assistenza|supporto|servizio|messaggio|mail|email|conferma|pazienza|"
        "comprensione|tempo|rapidità|tutto",
    ),
    "pt": Language(
        "obrigado|obrigada|muito obrigado|muito obrigada|obrigadão|obg|agradeço|agradecido|"
        "agradecida|muitíssimo obrigado|muitíssimo obrigada|grato|grata|agradecemos|valeu",
        "perfeito|ótimo|óptimo|excelente|maravilha|fantástico|beleza|entendido|recebido|"
        "funcionou|já funciona|agora funciona|resolvido|problema resolvido|deu certo|"
        "muito gentil|muito bom",
        "muito|mesmo|mais uma vez|novamente|e|a todos|a vocês|por tudo|demais|imenso|de coração",
        "pela|pelo|por|pelas|pelos",
        "a|o|sua|seu|vossa|vosso|tua|teu|toda|todo|rápida|pronta|excelente|ótima|e|ajuda|"
        "resposta|atenção|informação|informações|mensagem|email|e-mail|apoio|suporte|serviço|"
        "tempo|paciência|compreensão|rapidez|gentileza|retorno|confirmação|esclarecimento|"
        "atendimento",
    ),
    "nl": Language(
        "dank|bedankt|dankjewel|dankuwel|dank je|dank u|dank je wel|dank u wel|hartelijk dank|"
        "hartelijk bedankt|heel erg bedankt|veel dank|duizendmaal dank|heel hartelijk dank|"
        "hartstikke bedankt|ontzettend bedankt",
        "perfect|prima|top|super|geweldig|fantastisch|helemaal goed|goed zo|begrepen|ontvangen|"
        "in orde|alles in orde|het werkt|het werkt weer|het werkt nu|werkt weer|opgelost|"
        "probleem opgelost|heel vriendelijk|fijn|mooi|uitstekend",
        "heel|erg|zeer|nogmaals|wel|en|allemaal|nog eens|hiervoor|daarvoor|je|u|jullie|hartelijk",
        "voor",
        "de|het|uw|je|jullie|alle|snelle|vlotte|goede|fijne|vriendelijke|prettige|en|hulp|"
        "antwoord|reactie|bericht|mail|e-mail|informatie|info|service|ondersteuning|moeite|"
        "geduld|begrip|uitleg|bevestiging|tijd|terugkoppeling|afhandeling|alles",
    ),
    "sv": Language(
        "tack|tack så mycket|tusen tack|stort tack|tackar|tack så hjärtligt|många tack|"
        "hjärtligt tack|tackar så mycket|jag tackar",
        "perfekt|toppen|super|jättebra|utmärkt|underbart|vad bra|kanon|strålande|mycket bra|"
        "uppfattat|mottaget|det fungerar|det fungerar nu|fungerar nu|nu fungerar det|det funkar|"
        "nu funkar det|löst|problemet löst|härligt",
        "så mycket|igen|än en gång|och|snälla ni|allihop|hjärtligt|verkligen|så|mycket|ska ni ha",
        "för",
        "hjälpen|all hjälp|din|er|ert|ditt|snabb|snabba|det|den|fin|fina|bra|vänlig|och|hjälp|"
        "svar|svaret|snabbt svar|informationen|information|service|servicen|stöd|tålamod|besked|"
        "beskedet|mejlet|mailet|allt|återkoppling|återkopplingen",
    ),
    "da": Language(
        "tak|mange tak|tusind tak|tak skal du have|tak skal i have|mange mange tak|hjertelig tak|"
        "stor tak",
        "perfekt|super|fint|fantastisk|godt|modtaget|forstået|det virker|det virker nu|virker nu|"
        "det er fint|dejligt|skønt|løst|problemet er løst|rigtig godt",
        "igen|endnu en gang|og|så meget|meget|alle sammen",
        "for",
        "hjælpen|din|jeres|deres|den|det|hurtige|gode|flinke|venlige|og|hjælp|svar|svaret|"
        "hurtigt svar|service|information|informationen|støtte|tålmodighed|besked|beskeden|mail|"
        "mailen|alt",
    ),
    "no": Language(
        "takk|tusen takk|mange takk|takk skal du ha|takk skal dere ha|hjertelig takk|"
        "tusen hjertelig takk|takk så mye|takker",
        "perfekt|supert|super|flott|kjempebra|fantastisk|mottatt|forstått|det fungerer|"
        "det fungerer nå|det virker|det virker nå|løst|fint|strålende|så bra",
        "igjen|nok en gang|og|så mye|veldig|alle sammen",
        "for",
        "hjelpen|din|deres|den|det|raske|gode|hyggelige|og|hjelp|svar|svaret|raskt svar|service|"
        "informasjonen|informasjon|støtte|tålmodighet|beskjed|e-posten|alt|tilbakemeldingen|"
        "tilbakemelding|rask",
    ),
    "fi": Language(
        "kiitos|kiitoksia|paljon kiitoksia|kiitos paljon|suuret kiitokset|suurkiitos|kiitti|"
        "iso kiitos|tuhannet kiitokset|kiitän|lämmin kiitos|kiitokset",
        "täydellistä|loistavaa|hienoa|mahtavaa|erinomaista|selvä|ymmärretty|vastaanotettu|toimii|"
        "nyt toimii|se toimii|toimii nyt|ratkaistu|hyvä|upeaa",
        "paljon|vielä|vielä kerran|oikein|ja|todella|teille|sinulle|kovasti|kaikille|kaikesta|"
        "avusta|nopeasta avusta|vastauksesta|nopeasta vastauksesta|hyvästä palvelusta|tiedosta|"
        "viestistä|avustanne|vastauksestanne|avustasi|vastauksestasi|tuesta",
    ),
    "ca": Language(
        "gràcies|moltes gràcies|mil gràcies|mercès|moltíssimes gràcies",
        "perfecte|genial|excel·lent|entès|rebut|molt bé|funciona|ja funciona|resolt",
        "moltes|de nou|un altre cop|i|per tot",
        "per|per la|pel",
        "la|el|ajuda|l'ajuda|resposta|ràpida|informació|la vostra|i|tot",
    ),
    "ro": Language(
        "mulțumesc|mulțumim|mulțumesc mult|vă mulțumesc|vă mulțumim|îți mulțumesc|mersi|"
        "mersi mult|mii de mulțumiri|multe mulțumiri|mulțumesc frumos|vă mulțumesc mult",
        "perfect|excelent|super|minunat|am înțeles|am primit|funcționează|merge acum|"
        "acum funcționează|rezolvat|problema rezolvată|totul e bine|foarte bine|grozav",
        "mult|foarte mult|încă o dată|din nou|și|frumos|tuturor|din suflet",
        "pentru",
        "ajutor|ajutorul|ajutorul acordat|răspuns|răspunsul|răspunsul rapid|rapid|promptitudine|"
        "și|informații|informație|mesaj|sprijin|suportul|timpul|răbdare|înțelegere|tot|toate|"
        "acordat|prompt",
    ),
}

# Words that may open, close or agree anywhere; by themselves they thank nobody.
AGREEING: Final = (
    "ok|perfect|super|top|great|merci|okay|okey|oki|k|alright|all right|right|fine|good|nice|"
    "cool|oh|ah|wow|hey|aha|ach so|alles klar|in ordnung|gut|sehr gut|d'accord|entendu|vale|"
    "bueno|va bene|bene|bem|tudo bem|certo|goed|okej|bra|selvä|dobrze|dobře|dobre|rendben|bine|"
    "tamam|хорошо|ладно|добре|окей|ок|εντάξει|בסדר|אוקיי|حسنا|باشه|ठीक है|baik|oke|dạ|u redu|"
    "d'acord|はい|好的|โอเค|네|넵"
)
GREETINGS: Final = (
    "hi|hello|hey|dear|good morning|good afternoon|good evening|good day|greetings|hallo|"
    "guten tag|guten morgen|guten abend|liebe|lieber|sehr geehrte|sehr geehrter|moin|servus|"
    "grüß gott|bonjour|bonsoir|salut|cher|chère|hola|buenos días|buenas tardes|buenas|estimado|"
    "estimada|ciao|buongiorno|buonasera|salve|gentile|olá|oi|bom dia|boa tarde|boa noite|prezado|"
    "prezada|caro|cara|goedemorgen|goedemiddag|goedendag|beste|geachte|hej|god morgon|kära|"
    "god dag|hei|kjære|kære|moi|dzień dobry|witam|cześć|szanowny panie|szanowna pani|dobrý den|"
    "ahoj|dobrý deň|jó napot|szia|kedves|tisztelt|bună ziua|bună|merhaba|selam|sayın|"
    "здравствуйте|добрый день|привет|уважаемый|уважаемая|добрий день|вітаю|доброго дня|καλημέρα|"
    "καλησπέρα|γεια σας|γεια|αγαπητέ|αγαπητή|שלום|היי|مرحبا|السلام عليكم|سلام|नमस्ते|प्रिय|halo|"
    "selamat pagi|selamat siang|xin chào|chào|dobar dan|bok|poštovani|здравейте|bon dia"
)
CLOSINGS: Final = (
    "regards|best regards|kind regards|warm regards|warmest regards|best|best wishes|"
    "all the best|many greetings|cheers|sincerely|yours sincerely|yours|yours truly|kind wishes|"
    "take care|have a nice day|have a great day|have a good day|have a lovely day|"
    "have a nice weekend|have a great weekend|bye|love|br|rgds|gruß|grüße|viele grüße|"
    "beste grüße|liebe grüße|freundliche grüße|mit freundlichen grüßen|mit freundlichem gruß|"
    "mit besten grüßen|herzliche grüße|schöne grüße|lieben gruß|lieber gruß|vg|lg|mfg|bg|"
    "schönen tag|schönen tag noch|einen schönen tag|ein schönes wochenende|schönes wochenende|"
    "tschüss|cordialement|bien cordialement|bien à vous|amicalement|cdlt|bonne journée|"
    "bonne soirée|bon week-end|salutations|sincères salutations|un saludo|saludos|"
    "saludos cordiales|un cordial saludo|atentamente|buen día|que tenga un buen día|un abrazo|"
    "cordiali saluti|distinti saluti|saluti|buona giornata|buona serata|un saluto|atenciosamente|"
    "cumprimentos|com os melhores cumprimentos|abraços|abraço|bom fim de semana|tenha um bom dia|"
    "groet|groeten|groetjes|met vriendelijke groet|met vriendelijke groeten|mvg|"
    "vriendelijke groet|fijne dag|fijn weekend|hälsningar|vänliga hälsningar|med vänlig hälsning|"
    "med vänliga hälsningar|mvh|hilsen|med venlig hilsen|venlig hilsen|vennlig hilsen|"
    "med vennlig hilsen|ha en fin dag|ha en bra dag|hav en god dag|terveisin|"
    "ystävällisin terveisin|terveiset|hyvää päivänjatkoa|pozdrawiam|serdecznie pozdrawiam|"
    "z poważaniem|miłego dnia|s pozdravem|pozdravem|hezký den|s pozdravom|pekný deň|üdvözlettel|"
    "tisztelettel|szép napot|cu stimă|o zi bună|cu respect|saygılarımla|iyi günler|"
    "iyi çalışmalar|kolay gelsin|selamlar|с уважением|всего доброго|хорошего дня|всего хорошего|"
    "з повагою|гарного дня|με εκτίμηση|καλή συνέχεια|χαιρετισμούς|φιλικά|בברכה|יום טוב|בברכה רבה|"
    "تحياتي|مع تحياتي|مع أطيب التحيات|مع التحية|با احترام|सादर|salam|hormat saya|trân trọng|"
    "srdačan pozdrav|lijep pozdrav|lp|поздрави|с уважение|salutacions"
)
TITLES: Final = (
    "mr|mrs|ms|miss|mx|dr|prof|sir|madam|all|team|herr|frau|herrn|doktor|monsieur|madame|mme|m|"
    "señor|señora|sr|sra|signor|signora|sig|dott|senhor|senhora|meneer|mevrouw|dhr|mevr|pan|pani|"
    "panie|paní|pane|bey|hanım|господин|госпожа|damen und herren|damen|herren|support team|"
    "support-team|customer service|kundenservice|zusammen|alle|à tous|a todos|a tutti"
)

# Capitalised words that are no name, wherever one might stand.
NO_NAMES: Final = (
    "cancel|cancelled|canceled|cancellation|stop|refund|return|invoice|bill|receipt|help|urgent|"
    "urgently|unsubscribe|remove|delete|nothing|nobody|not|no|yes|never|still|but|however|please|"
    "why|how|what|when|where|who|which|broken|wrong|bad|terrible|awful|useless|late|later|soon|"
    "waiting|pending|problem|problems|issue|error|failed|delayed|delivery|order|payment|money|"
    "god|goodness|heaven|monday|tuesday|wednesday|thursday|friday|saturday|sunday|today|tomorrow|"
    "tonight|january|february|march|april|may|june|july|august|september|october|november|"
    "december|again|call|reply|answer|update|confirm|confirmed|send|sent|wait|reopen|open|close|"
    "closed|complaint|lawyer|fraud|scam|liar|idiots|jerks|in|on|at|to|if|the|a|an|my|our|your|it|"
    "this|that|is|was|do|did|can|storno|stornieren|stornierung|kündigung|kündigen|widerruf|"
    "rechnung|lieferung|bestellung|termin|rückruf|rückgabe|rücksendung|retoure|umtausch|"
    "erstattung|gutschrift|mahnung|zahlung|beschwerde|reklamation|fehler|frage|fragen|probleme|"
    "nichts|nein|nicht|kein|keine|aber|leider|bitte|wann|warum|wie|wo|wer|ja|doch|noch|montag|"
    "dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|heute|morgen|später|dringend|falsch|"
    "kaputt|defekt|schade|idioten|anwalt|annuler|annulation|remboursement|facture|commande|"
    "livraison|mais|non|pas|rien|oui|quand|pourquoi|comment|aide|urgente|problème|lundi|mardi|"
    "mercredi|jeudi|vendredi|samedi|dimanche|demain|aujourd'hui|cancelar|cancelación|reembolso|"
    "factura|pedido|pero|nada|sí|cuándo|cuando|porque|cómo|ayuda|problema|lunes|martes|miércoles|"
    "jueves|viernes|sábado|domingo|mañana|hoy|annullare|rimborso|fattura|ordine|ma|niente|sì|"
    "quando|perché|come|aiuto|lunedì|martedì|domani|oggi|mas|não|sim|ajuda|amanhã|hoje|annuleren|"
    "factuur|bestelling|maar|niet|geen|niks|nee|wanneer|waarom|hulp|men|inte|nej|ingenting|hjälp|"
    "ikke|nei|hjelp|hjælp|mutta|ei|ale|nie|nic|tak|ne|de|nem|dar|nu|ama|hayır|но|нет|не|ничего|"
    "але|ні|αλλά|όχι|δεν"
)
