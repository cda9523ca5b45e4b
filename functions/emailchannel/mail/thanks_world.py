"""The words of a mail that only says thank you: other languages (see `thanks_words`)."""

# ruff: noqa: RUF001 - words of other scripts stand here on purpose

from __future__ import annotations

from typing import Final

from emailchannel.mail.thanks_words import WESTERN, Language

LANGUAGES: Final = {
    **WESTERN,
    "hu": Language(
        "köszönöm|köszönjük|köszi|kösz|köszönöm szépen|nagyon köszönöm|nagyon szépen köszönöm|"
        "köszönjük szépen|hálásan köszönöm|ezer köszönet|köszönet",
        "tökéletes|szuper|remek|nagyszerű|kiváló|rendben|értem|megkaptam|működik|már működik|"
        "most már működik|megoldódott|minden rendben",
        "szépen|nagyon|még egyszer|ismét|és|mindent|önnek|önöknek|a segítséget|segítségét|"
        "a segítségét|a gyors választ|a választ|a gyors segítséget|az információt|válaszát|"
        "a válaszát|gyors válaszát|a gyors válaszát",
    ),
    "tr": Language(
        "teşekkürler|teşekkür ederim|teşekkür ederiz|çok teşekkürler|çok teşekkür ederim|"
        "çok teşekkür ederiz|sağ olun|sağolun|sağ ol|eyvallah|minnettarım|çok sağ olun",
        "harika|mükemmel|süper|çok güzel|çok iyi|anladım|aldım|çalışıyor|şimdi çalışıyor|"
        "artık çalışıyor|çözüldü|sorun çözüldü|tamamdır|elinize sağlık",
        "çok|tekrar|tekrardan|ve|herkese|size|sana|gerçekten|yardımınız için|ilginiz için|"
        "hızlı yanıtınız için|cevabınız için|yanıtınız için|desteğiniz için|her şey için|"
        "bilgi için|bilginiz için|hızlı cevabınız için|geri dönüşünüz için",
    ),
    "id": Language(
        "terima kasih|terima kasih banyak|makasih|trims|thanks banyak|banyak terima kasih|"
        "terimakasih|terima kasih kembali",
        "sempurna|bagus|mantap|sudah diterima|mengerti|sudah berfungsi|sudah selesai|hebat|"
        "luar biasa|sudah beres",
        "banyak|sekali|lagi|dan|semua|semuanya|sekali lagi|kak|pak|bu|ya",
        "atas",
        "bantuan|bantuannya|bantuan anda|jawaban|jawabannya|jawaban anda|respon|responnya|cepat|"
        "yang cepat|informasi|informasinya|perhatian|perhatiannya|dan|anda|pelayanannya|dukungan",
    ),
    "vi": Language(
        "cảm ơn|cám ơn|xin cảm ơn|cảm ơn bạn|cảm ơn nhiều|cảm ơn rất nhiều|chân thành cảm ơn|"
        "xin chân thành cảm ơn|cảm ơn bạn rất nhiều|cảm ơn anh|cảm ơn chị|cảm ơn bạn nhiều",
        "tuyệt vời|hoàn hảo|tốt quá|đã nhận|đã hiểu|rất tốt|đã giải quyết xong",
        "nhiều|rất nhiều|lần nữa|một lần nữa|các bạn|và|anh|chị|bạn",
        "vì|đã",
        "sự giúp đỡ|đã giúp đỡ|giúp đỡ|hỗ trợ|đã hỗ trợ|sự hỗ trợ|phản hồi|trả lời|nhanh chóng|"
        "thông tin|của bạn|tôi|và|rất nhiều",
    ),
    "pl": Language(
        "dziękuję|dzięki|bardzo dziękuję|dziękujemy|dziękuję bardzo|serdecznie dziękuję|"
        "wielkie dzięki|stokrotne dzięki|dziękuję serdecznie|dziękuję ślicznie|dzięki wielkie",
        "świetnie|super|doskonale|idealnie|wspaniale|rewelacja|rozumiem|otrzymałem|otrzymałam|"
        "działa|już działa|teraz działa|wszystko działa|wszystko ok|rozwiązane|"
        "problem rozwiązany|wszystko jasne|bardzo dobrze",
        "bardzo|jeszcze raz|raz jeszcze|serdecznie|i|ogromnie|pięknie|wszystkim|państwu|pani|"
        "panu|ci",
        "za",
        "szybką|szybka|błyskawiczną|miłą|pana|pani|państwa|twoją|i|wszystko|pomoc|odpowiedź|"
        "wiadomość|informację|informacje|obsługę|wsparcie|cierpliwość|wyrozumiałość|"
        "potwierdzenie|wyjaśnienie|wyjaśnienia|mail|maila|reakcję|to",
    ),
    "cs": Language(
        "děkuji|děkuju|díky|děkujeme|mockrát děkuji|moc děkuji|děkuji moc|děkuji mnohokrát|"
        "mnohokrát děkuji|srdečně děkuji|díky moc|velké díky|děkuji vám|moc díky|děkuji pěkně",
        "výborně|skvělé|super|perfektní|paráda|skvěle|rozumím|přijato|funguje|už funguje|"
        "funguje to|vše funguje|vyřešeno|v pořádku|vše v pořádku",
        "moc|mnohokrát|ještě jednou|velice|srdečně|a|vám|všem|opravdu|za vše|za všechno",
        "za",
        "rychlou|vaši|tvoji|skvělou|ochotnou|milou|a|pomoc|odpověď|zprávu|informaci|informace|"
        "podporu|službu|trpělivost|pochopení|potvrzení|vysvětlení|ochotu|rychlé|vyřízení|"
        "vyřešení|mail",
    ),
    "sk": Language(
        "ďakujem|ďakujeme|vďaka|ďakujem pekne|veľmi pekne ďakujem|veľmi ďakujem|"
        "ďakujem veľmi pekne|srdečne ďakujem|veľká vďaka|ďakujem vám",
        "výborne|super|skvelé|perfektné|rozumiem|prijaté|funguje|už funguje|vyriešené|v poriadku|"
        "všetko v poriadku",
        "pekne|veľmi|ešte raz|a|vám|všetkým|krásne|za všetko",
        "za",
        "rýchlu|vašu|tvoju|a|pomoc|odpoveď|správu|informáciu|informácie|podporu|trpezlivosť|"
        "pochopenie|potvrdenie|vysvetlenie|ochotu|mail",
    ),
    "ru": Language(
        "спасибо|большое спасибо|спасибо большое|огромное спасибо|спасибо огромное|благодарю|"
        "благодарим|благодарю вас|спс|премного благодарен|премного благодарна|благодарим вас",
        "отлично|супер|прекрасно|замечательно|понял|поняла|понятно|получил|получила|получено|"
        "работает|всё работает|все работает|теперь работает|всё заработало|все заработало|"
        "заработало|проблема решена|решено|принято|идеально|здорово|очень хорошо",
        "вам|тебе|всем|большое|ещё раз|еще раз|очень|и|от души|искренне|сердечно",
        "за",
        "быструю|быстрый|оперативную|оперативный|вашу|ваш|ваше|отличную|и|помощь|ответ|"
        "информацию|поддержку|сообщение|письмо|терпение|понимание|внимание|разъяснение|"
        "разъяснения|подтверждение|работу|оперативность|всё|все|сервис|обслуживание|отклик",
    ),
    "uk": Language(
        "дякую|дякуємо|щиро дякую|дуже дякую|велике спасибі|спасибі|красно дякую|дякую вам|"
        "щиро дякуємо|вдячний|вдячна",
        "чудово|супер|відмінно|прекрасно|зрозуміло|отримано|отримав|отримала|працює|все працює|"
        "тепер працює|запрацювало|вирішено|проблему вирішено|ідеально",
        "вам|тобі|всім|дуже|ще раз|щиро|і|та|велике|сердечно",
        "за",
        "швидку|оперативну|швидкий|вашу|і|допомогу|відповідь|інформацію|підтримку|повідомлення|"
        "лист|терпіння|розуміння|увагу|роз'яснення|підтвердження|роботу|все|усе",
    ),
    "el": Language(
        "ευχαριστώ|ευχαριστούμε|ευχαριστώ πολύ|ευχαριστούμε πολύ|σας ευχαριστώ|"
        "σας ευχαριστώ πολύ|σας ευχαριστούμε|σας ευχαριστούμε πολύ|σε ευχαριστώ|χίλια ευχαριστώ|"
        "ευχαριστώ θερμά|πολλές ευχαριστίες|να είστε καλά",
        "τέλεια|τέλειο|υπέροχα|εξαιρετικά|άριστα|ωραία|κατάλαβα|ελήφθη|λειτουργεί|"
        "τώρα λειτουργεί|δουλεύει|τώρα δουλεύει|λύθηκε|σούπερ|πολύ ωραία",
        "πολύ|και πάλι|ξανά|και|θερμά|όλους|για όλα|πάρα πολύ",
        "για",
        "την|τη|το|τις|σας|σου|άμεση|γρήγορη|εξαιρετική|και|βοήθεια|απάντηση|ανταπόκριση|"
        "ενημέρωση|εξυπηρέτηση|υποστήριξη|πληροφορία|πληροφορίες|μήνυμα|υπομονή|κατανόηση|"
        "διευκρίνιση|χρόνο",
    ),
    "he": Language(
        "תודה|תודה רבה|המון תודה|תודות|רוב תודות|אלף תודות|תודה לך|תודה לכם|תודה רבה לך|"
        "תודה רבה לכם|תודה ענקית",
        "מעולה|מצוין|נהדר|מושלם|הבנתי|קיבלתי|עובד|זה עובד|עכשיו עובד|נפתר|הבעיה נפתרה|יופי",
        "רבה|שוב|מאוד|מאד|לך|לכם|ו|מקרב לב|על הכל|על העזרה|על התשובה|על התשובה המהירה|"
        "על העזרה המהירה|על המענה המהיר|על השירות|על המידע|על הטיפול|על העזרה שלך",
    ),
    "ar": Language(
        "شكرا|شكرًا|شكرا لك|شكرا لكم|شكرا جزيلا|جزيل الشكر|ألف شكر|أشكرك|أشكركم|نشكركم|"
        "شكرا جزيلا لكم|شكرا جزيلا لك|مشكور|مشكورين|أشكركم جزيل الشكر|كل الشكر|مع الشكر|"
        "خالص الشكر|جزاك الله خيرا|جزاكم الله خيرا",
        "ممتاز|رائع|تمام|مفهوم|وصلت|استلمت|يعمل|يعمل الآن|تم الحل|تم حل المشكلة|جيد جدا",
        "جزيلا|جدا|مرة أخرى|مجددا|لك|لكم|لكم جميعا|كثيرا|على المساعدة|على مساعدتكم|على مساعدتك|"
        "على الرد|على الرد السريع|على ردكم|على ردكم السريع|على سرعة الرد|على كل شيء|"
        "على حسن تعاونكم|على المعلومات|على التوضيح",
    ),
    "fa": Language(
        "ممنون|ممنونم|متشکرم|متشکر|سپاس|سپاسگزارم|مرسی|خیلی ممنون|خیلی متشکرم|با تشکر|تشکر|"
        "سپاسگزار|بسیار سپاسگزارم|دست شما درد نکند",
        "عالی|فهمیدم|دریافت شد|حل شد|مشکل حل شد|خیلی خوب",
        "خیلی|بسیار|از شما|دوباره|از کمک شما|از پاسخ شما|بابت کمک شما|از راهنمایی شما|"
        "از پاسخ سریع شما|برای کمک شما|از لطف شما",
    ),
    "hi": Language(
        "धन्यवाद|शुक्रिया|बहुत धन्यवाद|बहुत बहुत धन्यवाद|बहुत शुक्रिया|आभार|आपका धन्यवाद|"
        "आपका बहुत धन्यवाद|आपका बहुत बहुत धन्यवाद|बहुत बहुत शुक्रिया|dhanyavad|shukriya",
        "बहुत अच्छा|बढ़िया|उत्तम|समझ गया|समझ गई|मिल गया|हल हो गया|समस्या हल हो गई",
        "बहुत|आपका|आपको|जी|फिर से|सहायता के लिए|मदद के लिए|आपकी मदद के लिए|आपकी सहायता के लिए|"
        "जवाब के लिए|त्वरित जवाब के लिए|और",
    ),
    "hr": Language(
        "hvala|hvala vam|hvala puno|puno hvala|hvala lijepa|hvala lepo|najljepša hvala|"
        "zahvaljujem|zahvaljujemo|hvala ti|veliko hvala|mnogo hvala|hvala mnogo|хвала|хвала вам",
        "odlično|super|savršeno|izvrsno|primljeno|razumijem|radi|sada radi|sve radi|riješeno|"
        "u redu|sve u redu|sve ok",
        "puno|još jednom|i|vam|svima|lijepo|mnogo|na svemu",
        "na|za",
        "brzoj|brzom|vašoj|vašem|svemu|pomoći|odgovoru|informaciji|informacijama|podršci|"
        "strpljenju|razumijevanju|i|pomoć|odgovor|sve|brz",
    ),
    "bg": Language(
        "благодаря|благодаря ви|много благодаря|благодарим|мерси|благодаря много|"
        "сърдечно благодаря|благодаря ти|благодарим ви",
        "отлично|супер|чудесно|перфектно|разбрах|получих|работи|вече работи|решено",
        "много|отново|още веднъж|и|сърдечно|на всички",
        "за",
        "помощта|бързата|бързия|отговор|бърз|отговора|информацията|съдействието|"
        "отделеното време|и|всичко|вашата",
    ),
}

# Written without blanks, or with blanks anywhere.
UNSPACED: Final = {
    "ja": Language(
        "ありがとう|ありがとうございます|ありがとうございました|有難うございます|有難うございました|有り難うございます|感謝します|感謝いたします|感謝致します|感謝しております|"
        "お礼申し上げます|御礼申し上げます|サンキュー|ありがと|助かりました",
        "完璧です|了解です|了解しました|了解いたしました|承知しました|承知いたしました|確認しました|確認いたしました|受け取りました|解決しました|解決いたしました|"
        "無事解決しました|問題は解決しました|素晴らしいです",
        "本当に|どうも|誠に|大変|とても|早速の|迅速な|ご丁寧な|ご対応|対応|ご返信|返信|ご連絡|連絡|お返事|お返事を|ご回答|回答|ご説明|ご確認|ご協力|ご親切に|"
        "丁寧に|いただき|頂き|いただきまして|を|に|いつも|この度は|心より|心から|厚く|重ねて|さっそくの|すぐに|助けていただき|お世話になりました|お世話になっております|"
        "お手数をおかけしました|の|今回も|皆様|皆さん",
    ),
    "zh": Language(
        "谢谢|謝謝|多谢|多謝|感谢|感謝|谢谢你|謝謝你|谢谢您|謝謝您|谢谢你们|謝謝你們|非常感谢|非常感謝|十分感谢|十分感謝|感谢您|感謝您|万分感谢|萬分感謝|谢了|謝了|"
        "辛苦了|谢谢啦|太感谢了",
        "太好了|完美|很好|非常好|收到|已收到|明白了|明白|知道了|没问题了|沒問題了|解决了|解決了|已解决|已解決|问题解决了|問題解決了|问题已解决|問題已解決|太棒了|"
        "好极了|可以用了",
        "非常|十分|很|再次|好的|好|衷心|您|你|你们|你們|的|帮助|幫助|的帮助|回复|回覆|的回复|快速|快速的|及时|及時|及时的|耐心|耐心的|解答|支持|服务|服務|"
        "协助|協助|配合|大家|了|啦|哦|您的|你的|对|對|这么快|這麼快|热心|熱心|的热心",
    ),
    "th": Language(
        "ขอบคุณ|ขอบคุณครับ|ขอบคุณค่ะ|ขอบคุณมาก|ขอบคุณมากครับ|ขอบคุณมากค่ะ|ขอบใจ|ขอบพระคุณ|"
        "ขอบพระคุณมาก|ขอบคุณมากๆ",
        "ยอดเยี่ยม|เยี่ยมมาก|ดีมาก|รับทราบ|เข้าใจแล้ว|ได้รับแล้ว|ใช้ได้แล้ว|เรียบร้อยแล้ว",
        "ครับ|ค่ะ|คะ|นะ|นะคะ|นะครับ|มาก|มากๆ|อีกครั้ง|สำหรับ|ความช่วยเหลือ|คำตอบ|ที่ช่วยเหลือ|"
        "ที่ตอบเร็ว|ทุกอย่าง|ข้อมูล|โอเค",
    ),
    "ko": Language(
        "감사합니다|감사드립니다|고맙습니다|고마워요|고마워|감사해요|정말감사합니다|대단히감사합니다|진심으로감사드립니다|땡큐",
        "완벽합니다|완벽해요|좋습니다|좋아요|확인했습니다|확인하였습니다|알겠습니다|잘받았습니다|해결되었습니다|해결됐습니다|잘됩니다|최고예요|최고입니다",
        "정말|너무|대단히|매우|진심으로|다시한번|다시|도움|도움을주셔서|도와주셔서|빠른|답변|답변에|답변주셔서|빠른답변|신속한|친절한|친절하게|안내|안내해주셔서|"
        "응대|대단|많은|도움에|네|모두|주셔서|수고하세요|수고하셨습니다",
    ),
}
