"""Words of the local Comprehend: feelings in de, es, fr, it and pt; words that join phrases."""

_POSITIVE = """
    dank danke dankbar super toll prima gut gute guter gutes freundlich zufrieden perfekt
    hervorragend ausgezeichnet wunderbar schön freue freut liebe begeistert klasse hilfreich schnell
    gracias genial excelente perfecto perfecta bueno buena feliz encantado encantada contento
    contenta satisfecho satisfecha maravilloso maravillosa rápido amable
    merci excellent excellente parfait parfaite bon bonne content contente satisfait
    satisfaite ravi ravie génial formidable merveilleux rapide aimable
    grazie ottimo ottima eccellente perfetto perfetta buono buona felice
    soddisfatto soddisfatta fantastico fantastica meraviglioso gentile
    obrigado obrigada ótimo ótima perfeito perfeita bom boa satisfeito satisfeita
    maravilhoso maravilhosa adorei gentil
"""
_NEGATIVE = """
    schlecht schlechte schlechter schlechtes kaputt defekt enttäuscht enttäuschend ärgerlich
    verärgert wütend furchtbar schrecklich katastrophe unzufrieden beschwerde reklamation mangelhaft
    problem probleme fehler falsch unverschämt inakzeptabel leider verspätet
    malo mala roto rota defectuoso defectuosa decepcionado decepcionada enfadado enfadada terrible
    horrible queja reclamación problema problemas error inaceptable pésimo pésima
    mauvais mauvaise cassé cassée défectueux défectueuse déçu déçue fâché fâchée furieux furieuse
    plainte réclamation problème problèmes erreur inacceptable malheureusement
    cattivo cattiva rotto rotta difettoso difettosa deluso delusa arrabbiato arrabbiata terribile
    orribile reclamo problemi errore inaccettabile pessimo pessima purtroppo
    ruim mau má quebrado quebrada defeituoso defeituosa zangado zangada
    terrível horrível reclamação erro inaceitável péssimo péssima infelizmente
"""
_NEGATIONS = "nicht kein keine keinen nie no nunca ne pas jamais non mai não"
_STOP_WORDS = """
    a an and are as at be been but by can could did do does for from had has have he her his how i
    if in is it its me my no not of on or our she so that the their them then there they this to
    was we were what when which who will with would you your please
    der die das den dem des ein eine einen einem einer und oder aber ich du er sie es wir ihr mein
    meine dein sein ist sind war nicht mit von zu zum zur im auf für an bei bitte hat habe
    el la los las un una y o pero yo tú él ella fue con de del en para por mi su que
    le les une et ou mais je tu il elle nous vous est sont était ne pas avec du au aux dans pour
    sur mon ma mes votre qui ce cette
    lo gli e io è sono non di della al per mio mia che
    os as um uma eu são com da na para meu minha
"""

POSITIVE = frozenset(_POSITIVE.split())
NEGATIVE = frozenset(_NEGATIVE.split())
NEGATIONS = frozenset(_NEGATIONS.split())
STOP_WORDS = frozenset(_STOP_WORDS.split())
