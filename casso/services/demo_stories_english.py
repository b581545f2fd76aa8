"""English stories of the demo: a shop that sells bicycles, lamps and an app."""

# ruff: noqa: E501  (prose keeps its sentences whole)

from casso.enums import WorkType
from casso.services.demo_story import Story, Voice

ENGLISH = Voice(
    language="en",
    hello=("Hello,", "Hi there,", "Good morning,", "Hi,", "Dear support team,", "Hey team,"),
    bye=("Best regards,", "Thanks in advance,", "Cheers,", "Kind regards,", "Many thanks,"),
    agent_hello="Hi {first},",
    agent_bye="Best,\n{agent}",
    chases=(
        "Any news on this? I have not heard back since {day}.",
        "Sorry to chase, but I still need an answer. The number is {order}.",
        "I tried what you suggested and it behaves exactly as before.",
        "Quick update from my side: it happened again this morning, twice.",
        "Understood. Could you tell me roughly how long that will take?",
        "I have attached nothing new, everything is in my first mail. Please have another look.",
    ),
    holds=(
        "Thank you for the details. I have passed this to the workshop and will write as soon as I hear back.",
        "I am still waiting for our carrier. You will hear from me by {day} at the latest.",
        "That helps a lot. One more question: does it also happen when the battery is fully charged?",
        "I looked into the logs and see the attempt at 9:41. We are working on it.",
    ),
    thanks=(
        "That did it. Thank you so much for the quick help!",
        "Perfect, everything arrived. You can close this.",
        "Works now. Great service, I will recommend you.",
    ),
)

STORIES = (
    Story(
        language="en",
        category="Delivery",
        work_type=WorkType.PROBLEM,
        subjects=(
            "Where is my order {order}?",
            "Order {order} has not arrived",
            "Tracking stuck since {day}",
        ),
        openings=(
            "I ordered the {product} two weeks ago (order {order}) and the tracking page has said 'handed to "
            "carrier' ever since. I need it before {day}, we are leaving for {city} then.",
            "The carrier says order {order} was delivered on {day}, but nobody here received anything. The "
            "neighbours do not have it either. Could you start a search, please?",
        ),
        answers=(
            "I am sorry about the wait. Your parcel was held at the depot in {city}; the carrier has promised "
            "delivery on {day}. You can follow it with the number {serial}.",
            "The parcel is lost, so I have sent you a new {product} by express. It leaves our house today.",
        ),
        tags=("carrier", "parcel"),
        note="Depot {city} confirmed: scanned twice, never loaded. Asked for a search, reference {serial}.",
    ),
    Story(
        language="en",
        category="Returns",
        work_type=WorkType.TASK,
        subjects=(
            "Return of the {product}",
            "Wrong size, how do I send it back?",
            "Exchange for order {order}",
        ),
        openings=(
            "The {product} is lovely but too small for me. May I exchange it for the next size? I have the "
            "original box and have only tried it on indoors.",
            "I would like to return the {product} from order {order}. What do I have to do, and who pays the "
            "postage?",
        ),
        answers=(
            "Of course. The return label is attached; hand the parcel to any shop of the carrier. The exchange "
            "leaves the day yours arrives here.",
            "No problem at all. You have 30 days, and postage is on us. You get {amount} back within five days.",
        ),
        tags=("return",),
        file="pdf",
    ),
    Story(
        language="en",
        category="Billing",
        work_type=WorkType.QUESTION,
        subjects=(
            "Invoice for order {order}",
            "Charged twice for order {order}",
            "VAT number missing on invoice",
        ),
        openings=(
            "My bank shows two charges of {amount} for order {order}. I ordered once. Please check and refund "
            "one of them.",
            "Could you send me an invoice with our VAT number on it? Our accountant will not take the receipt "
            "from your mail. The amount was {amount}.",
        ),
        answers=(
            "The second charge is a reservation by your bank and falls away by {day}. We have received {amount} "
            "once only.",
            "Here is the corrected invoice over {amount}. I have also saved your VAT number for the next order.",
        ),
        tags=("invoice",),
        note="Checked in the payment provider: one capture, one expired authorisation of {amount}.",
        file="pdf",
    ),
    Story(
        language="en",
        category="Technical",
        work_type=WorkType.PROBLEM,
        subjects=(
            "App does not find my {product}",
            "Bluetooth pairing fails after update {version}",
            "Error E{serial}",
        ),
        openings=(
            "Since the update to {version} the app no longer finds my {product}. I have restarted the phone, "
            "reinstalled the app and removed the old pairing. The screen shows error E{serial}.",
            "Pairing works only every fifth time. Phone is two years old, the {product} is new. See the picture "
            "of the error.",
        ),
        answers=(
            "Thank you for the picture. Version {version} has a fault with phones that have two profiles. Please "
            "switch off the work profile once, pair, and switch it on again. A mend comes with the next version.",
            "Please hold the power key for ten seconds until the lamp turns violet; that clears old pairings. "
            "Then add the device again.",
        ),
        tags=("app", "bluetooth"),
        note="Reproduced with {version} on two phones. Handed to development, they expect a mend on {day}.",
        file="png",
    ),
    Story(
        language="en",
        category="Warranty",
        work_type=WorkType.PROBLEM,
        subjects=(
            "Motor makes a grinding noise",
            "{product} broken after three weeks",
            "Warranty claim {serial}",
        ),
        openings=(
            "The motor of my {product} makes a grinding noise under load. It began on {day} after about 300 km. "
            "Serial number {serial}. I do not dare to ride it to work any more.",
            "The clip of the {product} broke off while I was riding. Luckily nothing happened, but this must not "
            "occur at such a price.",
        ),
        answers=(
            "That must not happen, I am sorry. It is covered by the warranty. Our partner workshop in {city} can "
            "take it in on {day}; shall I book that for you?",
            "I have ordered the spare part for you without charge. It will be with you on {day}.",
        ),
        tags=("warranty", "safety"),
        note="Third one from batch {serial}. Quality wants the part back: label is prepared.",
        file="png",
        is_urgent=True,
    ),
    Story(
        language="en",
        category="Account",
        work_type=WorkType.QUESTION,
        subjects=("Cannot sign in", "Change my e-mail address", "Please delete my account"),
        openings=(
            "I do not receive the mail for setting a new password. It is not in the spam folder either.",
            "I married and have a new name and address. How can I change both without losing my order history?",
        ),
        answers=(
            "Your mail provider put us on its block list for an hour on {day}; it is lifted now. Please ask for "
            "the mail once more.",
            "Done: both are changed, and your orders stay where they are.",
        ),
        tags=("account",),
    ),
    Story(
        language="en",
        category="Product advice",
        work_type=WorkType.QUESTION,
        subjects=(
            "Which frame size do I need?",
            "Does the {product} fit a child seat?",
            "Lamp approved for {city}?",
        ),
        openings=(
            "I am 1.78 m tall with long legs. Would you take the {product} in M or in L? I ride about 20 km a day, "
            "mostly on gravel.",
            "Before I order the {product}: does it fit together with a rear child seat, and may it be used in "
            "{city} legally?",
        ),
        answers=(
            "With long legs I would take the L and a shorter stem. You may try both at our partner in {city}.",
            "Yes to both. You only need the adapter for {amount}, which I can add to your order.",
        ),
        tags=("advice",),
    ),
    Story(
        language="en",
        category="Feature wish",
        work_type=WorkType.FEATURE,
        subjects=("Wish: export rides as GPX", "Dark mode for the app", "Please bring back the old map"),
        openings=(
            "I love the app but would like to export my rides as GPX, for several months at once. Today I have to "
            "tap 60 times.",
            "The map of {version} is too pale to read in sunlight. Could you bring the old colours back, at "
            "least as a choice?",
        ),
        answers=(
            "Good idea, and you are not alone: 41 riders have asked for it. I added your voice to the list and "
            "will write when it comes.",
            "Thank you. The colours become a setting in the version after {version}.",
        ),
        tags=("wish", "app"),
    ),
    Story(
        language="en",
        category="Wholesale",
        work_type=WorkType.TASK,
        subjects=("Quote for 25 x {product}", "Dealer conditions", "Purchase order {serial}"),
        openings=(
            "We run a chain of four shops around {city} and would like a quote for 25 pieces of the {product}, "
            "delivered in two parts. Please state delivery times and payment terms.",
            "Attached is our purchase order {serial}. Please confirm prices and the date of delivery.",
        ),
        answers=(
            "Gladly: 25 pieces at {amount} each, the first ten on {day}, the others three weeks later, 30 days net.",
            "Confirmed. The order confirmation is attached; delivery is planned for {day}.",
        ),
        tags=("wholesale", "quote"),
        note="Credit limit checked with accounting: fine up to 20,000.",
        file="pdf",
    ),
    Story(
        language="en",
        category="Outage",
        work_type=WorkType.PROBLEM,
        subjects=("Checkout down?", "Cannot pay, error 502", "Shop not reachable from {city}"),
        openings=(
            "Your shop shows error 502 when I press 'Pay'. I tried three cards. The basket holds the {product} "
            "and I want today's price!",
            "Nobody in our office in {city} can open your shop since this morning. Other pages work fine.",
        ),
        answers=(
            "We had a fault between 8:05 and 8:50 and it is mended now. I have kept the price of {amount} for you.",
            "Thank you for telling us. It was a route of one provider; it should work again. Does it for you?",
        ),
        tags=("outage",),
        note="Same cause as the alarm at 8:05. Status page updated.",
        is_urgent=True,
    ),
)
