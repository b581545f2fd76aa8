"""Japanese, Arabic and Portuguese stories of the demo: other scripts and another direction."""

# ruff: noqa: E501  (prose keeps its sentences whole)

from casso.enums import WorkType
from casso.services.demo_story import Story, Voice

JAPANESE = Voice(
    language="ja",
    hello=("お世話になっております。", "はじめまして。", "サポートご担当者様"),
    bye=("よろしくお願いいたします。", "お手数をおかけしますが、よろしくお願いします。"),
    agent_hello="{first} 様",
    agent_bye="どうぞよろしくお願いいたします。\n{agent}",
    chases=(
        "その後いかがでしょうか。{day}からお返事をお待ちしています。",
        "試してみましたが、状況は変わりません。",
    ),
    holds=("ご連絡ありがとうございます。工房に確認しておりますので、{day}までお待ちください。",),
    thanks=("無事に解決しました。ありがとうございました。", "商品が届きました。迅速な対応に感謝します。"),
)

ARABIC = Voice(
    language="ar",
    hello=("مرحبًا،", "السلام عليكم ورحمة الله،", "تحية طيبة وبعد،"),
    bye=("مع خالص الشكر،", "تحياتي،", "وتفضلوا بقبول فائق الاحترام،"),
    agent_hello="مرحبًا {first}،",
    agent_bye="مع أطيب التحيات،\n{agent}",
    chases=("هل من جديد؟ ما زلت أنتظر منذ {day}.", "جرّبت الحل المقترح ولم يتغيّر شيء."),
    holds=("شكرًا على التفاصيل. أحلت الأمر إلى الورشة وسأكتب إليك قبل {day}.",),
    thanks=("شكرًا جزيلًا، تم حل المشكلة.", "وصل الطلب كاملًا. شكرًا لسرعة الرد!"),
)

PORTUGUESE = Voice(
    language="pt",
    hello=("Bom dia,", "Olá,", "Boa tarde,"),
    bye=("Obrigado,", "Atenciosamente,", "Cumprimentos,"),
    agent_hello="Olá {first},",
    agent_bye="Cumprimentos,\n{agent}",
    chases=("Há novidades? Continuo à espera desde {day}.", "Tentei, mas o problema continua igual."),
    holds=("Obrigado pelos dados. Já falei com a oficina e respondo até {day}.",),
    thanks=("Resolvido, muito obrigado!", "Já chegou tudo. Excelente atendimento."),
)

STORIES = (
    Story(
        language="ja",
        category="Delivery",
        work_type=WorkType.PROBLEM,
        subjects=("注文 {order} の配送状況について", "商品がまだ届きません", "お届け先の変更をお願いします"),
        openings=(
            "注文番号 {order} の商品がまだ届いておりません。追跡ページは{day}から更新されていないようです。"
            "お調べいただけますでしょうか。",
            "引っ越しのため、お届け先を東京都渋谷区に変更したいのですが、まだ間に合いますか。",
        ),
        answers=(
            "ご不便をおかけして申し訳ございません。{day}に再配達いたします。",
            "お届け先を変更いたしました。{day}に到着の予定です。",
        ),
        tags=("配送",),
        note="配送会社に調査を依頼済み。番号 {serial}。",
    ),
    Story(
        language="ja",
        category="Technical",
        work_type=WorkType.PROBLEM,
        subjects=("アプリが起動しません", "充電できない", "エラー E{serial} が表示されます"),
        openings=(
            "バージョン {version} に更新してから、アプリが起動しなくなりました。画面の写真を添付します。",
            "{product} を一晩充電しても、ランプが赤のままです。電池の交換が必要でしょうか。",
        ),
        answers=(
            "写真をありがとうございます。一度アプリを削除してから、もう一度お試しください。",
            "電池の不具合と思われます。無償で交換いたしますので、送り先をお知らせください。",
        ),
        tags=("アプリ",),
        file="png",
    ),
    Story(
        language="ar",
        category="Billing",
        work_type=WorkType.QUESTION,
        subjects=("استفسار عن الفاتورة {order}", "تم خصم المبلغ مرتين", "طلب فاتورة ضريبية"),
        openings=(
            "لاحظت أن مبلغ {amount} خُصم من بطاقتي مرتين للطلب رقم {order}. أرجو مراجعة الأمر وإعادة المبلغ الزائد.",
            "أحتاج إلى فاتورة ضريبية للطلب {order} باسم الشركة. هل يمكن إرسالها قبل {day}؟",
        ),
        answers=(
            "راجعنا العملية: الخصم الثاني حجز مؤقت من البنك ويُلغى قبل {day}.",
            "الفاتورة مرفقة مع هذه الرسالة. نعتذر عن التأخير.",
        ),
        tags=("فاتورة",),
        file="pdf",
    ),
    Story(
        language="ar",
        category="Delivery",
        work_type=WorkType.PROBLEM,
        subjects=("أين طلبي {order}؟", "وصل المنتج مكسورًا", "تأخر الشحن إلى {city}"),
        openings=(
            "طلبت {product} قبل أسبوعين ولم يصل حتى الآن. رقم الطلب {order}. أحتاجه قبل السفر إلى {city}.",
            "وصل {product} اليوم والصندوق مكسور من جهة واحدة. أرفقت صورة.",
        ),
        answers=(
            "نعتذر عن التأخير. الشحنة في المستودع وستصل يوم {day}.",
            "نأسف لذلك. سنرسل بديلًا اليوم دون أي تكلفة.",
        ),
        tags=("شحن",),
        file="png",
    ),
    Story(
        language="pt",
        category="Warranty",
        work_type=WorkType.PROBLEM,
        subjects=("Garantia do {product}", "Travão não funciona bem", "Peça partida, encomenda {order}"),
        openings=(
            "O travão traseiro do meu {product} deixou de funcionar no dia {day}. Número de série {serial}. "
            "Não me sinto seguro a pedalar até {city}.",
            "A peça de fixação partiu-se na primeira viagem. Como posso acionar a garantia?",
        ),
        answers=(
            "Lamentamos. A oficina parceira em {city} recebe-o no dia {day}, sem custos.",
            "Enviámos hoje uma peça nova. Não precisa de devolver a antiga.",
        ),
        tags=("garantia",),
    ),
)
