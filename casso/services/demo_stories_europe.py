"""German, Spanish and French stories of the demo."""

# ruff: noqa: E501  (prose keeps its sentences whole)

from casso.enums import WorkType
from casso.services.demo_story import Story, Voice

GERMAN = Voice(
    language="de",
    hello=("Guten Tag,", "Hallo,", "Sehr geehrte Damen und Herren,", "Moin,"),
    bye=("Mit freundlichen Grüßen", "Viele Grüße", "Besten Dank im Voraus", "Schöne Grüße aus {city}"),
    agent_hello="Hallo {first},",
    agent_bye="Viele Grüße\n{agent}",
    chases=(
        "Gibt es schon etwas Neues? Ich warte seit {day}.",
        "Leider hat das nicht geholfen, der Fehler tritt weiterhin auf.",
        "Ich möchte höflich an meine Anfrage {order} erinnern.",
    ),
    holds=(
        "Danke für die Angaben. Ich habe es an die Werkstatt weitergegeben und melde mich bis {day}.",
        "Wir warten noch auf die Rückmeldung des Paketdienstes. Bitte noch etwas Geduld.",
    ),
    thanks=("Hat geklappt, vielen Dank für die schnelle Hilfe!", "Wunderbar, alles angekommen. Danke!"),
)

SPANISH = Voice(
    language="es",
    hello=("Buenos días:", "Hola:", "Estimado equipo:"),
    bye=("Un saludo,", "Muchas gracias,", "Atentamente,"),
    agent_hello="Hola, {first}:",
    agent_bye="Un saludo,\n{agent}",
    chases=("¿Hay alguna novedad? Sigo esperando desde el {day}.", "Lo he intentado y sigue igual."),
    holds=("Gracias por los datos. Lo he pasado al taller y le escribo antes del {day}.",),
    thanks=("¡Perfecto, ya funciona! Muchísimas gracias.", "Ya ha llegado todo. ¡Gracias!"),
)

FRENCH = Voice(
    language="fr",
    hello=("Bonjour,", "Bonsoir,", "Madame, Monsieur,"),
    bye=("Cordialement,", "Bien à vous,", "Merci d’avance,"),
    agent_hello="Bonjour {first},",
    agent_bye="Bien cordialement,\n{agent}",
    chases=("Avez-vous des nouvelles ? J’attends depuis le {day}.", "J’ai essayé, le problème persiste."),
    holds=("Merci pour ces précisions. L’atelier s’en occupe, je reviens vers vous avant le {day}.",),
    thanks=("C’est parfait, merci beaucoup !", "Tout est arrivé. Un grand merci à l’équipe."),
)

STORIES = (
    Story(
        language="de",
        category="Delivery",
        work_type=WorkType.PROBLEM,
        subjects=(
            "Wo bleibt meine Bestellung {order}?",
            "Lieferung beschädigt angekommen",
            "Falscher Artikel",
        ),
        openings=(
            "meine Bestellung {order} sollte am {day} ankommen. Die Sendungsverfolgung zeigt seit Tagen nichts "
            "Neues. Können Sie bitte nachforschen? Ich brauche das Rad für die Fahrt nach {city}.",
            "das Paket kam heute völlig durchnässt an, die Verpackung ist aufgerissen. Fotos hängen an. Ich "
            "bitte um Ersatz für {product}.",
        ),
        answers=(
            "das tut mir leid. Ich habe einen Nachforschungsauftrag gestellt und schicke Ihnen heute Ersatz.",
            "vielen Dank für die Bilder. Ein neues Paket geht heute raus; das alte müssen Sie nicht zurückschicken.",
        ),
        tags=("paketdienst",),
        note="Nachforschung beim Paketdienst läuft, Vorgang {serial}.",
        file="png",
    ),
    Story(
        language="de",
        category="Billing",
        work_type=WorkType.QUESTION,
        subjects=("Rechnung zu {order} fehlt", "Rückfrage zur Überweisung über {amount}", "Skonto vergessen"),
        openings=(
            "für unsere Buchhaltung brauche ich die Rechnung zur Bestellung {order} mit ausgewiesener "
            "Umsatzsteuer. Bitte auf die Größenangabe und die Straße achten: es heißt „Schloßstraße“, nicht "
            "„Schlossstrasse“.",
            "ich habe {amount} überwiesen, bekomme aber weiterhin Mahnungen. Bitte prüfen Sie den Eingang.",
        ),
        answers=(
            "die korrigierte Rechnung hängt an. Bitte entschuldigen Sie das Versehen.",
            "Ihre Zahlung ist da, die Mahnung hat sich überschnitten. Sie brauchen nichts weiter zu tun.",
        ),
        tags=("rechnung",),
        file="pdf",
    ),
    Story(
        language="de",
        category="Warranty",
        work_type=WorkType.PROBLEM,
        subjects=("Akku lädt nur bis 80 %", "Bremse quietscht fürchterlich", "Reklamation {product}"),
        openings=(
            "der Akku meines {product} lädt seit {day} nur noch bis 80 %. Seriennummer {serial}. Ein Neustart "
            "und das Zurücksetzen nach Anleitung haben nichts gebracht.",
            "die hintere Bremse quietscht bei jeder Fahrt, auch nach dem Tausch der Beläge in {city}.",
        ),
        answers=(
            "das ist ein Garantiefall. Bitte bringen Sie das Rad zur Partnerwerkstatt in {city}; der Termin am "
            "{day} ist für Sie vorgemerkt.",
            "wir schicken Ihnen andere Beläge, mit denen das Quietschen bisher immer aufgehört hat.",
        ),
        tags=("garantie", "akku"),
        note="Akku-Charge {serial} ist auffällig, bitte einsammeln.",
        is_urgent=True,
    ),
    Story(
        language="es",
        category="Delivery",
        work_type=WorkType.PROBLEM,
        subjects=(
            "¿Dónde está mi pedido {order}?",
            "El paquete llegó abierto",
            "Cambio de dirección de envío",
        ),
        openings=(
            "Hice el pedido {order} hace dos semanas y el seguimiento no cambia desde el {day}. ¿Podrían "
            "averiguar qué ha pasado? Lo necesito para un viaje a {city}.",
            "Me he mudado y necesito cambiar la dirección de entrega antes del {day}. El pedido incluye {product}.",
        ),
        answers=(
            "Lamento la demora. El paquete está en el almacén de {city} y se entregará el {day}.",
            "Ya está cambiada la dirección. Recibirá un mensaje el día de la entrega.",
        ),
        tags=("envío",),
    ),
    Story(
        language="es",
        category="Technical",
        work_type=WorkType.PROBLEM,
        subjects=("La aplicación se cierra sola", "Error E{serial} al sincronizar", "No reconoce el sensor"),
        openings=(
            "Desde la versión {version} la aplicación se cierra en cuanto abro el mapa. Adjunto una captura.",
            "El {product} no sincroniza los recorridos; aparece el error E{serial} después de unos segundos.",
        ),
        answers=(
            "Gracias por la captura. Borre la caché del mapa en Ajustes y vuelva a intentarlo, por favor.",
            "Es un fallo conocido de la versión {version}; la corrección sale el {day}.",
        ),
        tags=("app",),
        file="png",
    ),
    Story(
        language="fr",
        category="Returns",
        work_type=WorkType.TASK,
        subjects=("Retour de la commande {order}", "Échange de taille", "Remboursement toujours pas reçu"),
        openings=(
            "J’ai renvoyé {product} il y a dix jours et je n’ai toujours pas reçu le remboursement de {amount}. "
            "Le numéro de suivi est {serial}.",
            "La taille M est trop petite. Est-il possible d’échanger contre une taille L avant le {day} ?",
        ),
        answers=(
            "Votre colis est bien arrivé ; le remboursement de {amount} est parti ce matin.",
            "Bien sûr. L’étiquette de retour est jointe, et la taille L vous est réservée.",
        ),
        tags=("retour",),
        file="pdf",
    ),
    Story(
        language="fr",
        category="Product advice",
        work_type=WorkType.QUESTION,
        subjects=(
            "Question sur l’autonomie de {product}",
            "Compatibilité avec mon vélo",
            "Garantie à l’étranger",
        ),
        openings=(
            "J’hésite entre deux modèles. Quelle est l’autonomie réelle de {product} en côte, par exemple autour "
            "de {city} en hiver ?",
            "Mon vélo a déjà cinq ans. Le {product} s’y adapte-t-il, et la garantie vaut-elle aussi à l’étranger ?",
        ),
        answers=(
            "En hiver et en côte, comptez environ 60 km. Avec la grande batterie, près de 95 km.",
            "Oui, avec l’adaptateur à {amount}. La garantie vaut dans toute l’Europe.",
        ),
        tags=("conseil",),
    ),
)
