#include "autoconfig/words.h"

#include "pages/language.h"

#include <array>

namespace postern::autoconfig {

namespace {

constexpr Words english{
    .title = "Mail of {0}",
    .introduction = "How this device gets the mail of the office, with and without the internet.",
    .address = "Your mail address",
    .show = "Show my settings",
    .no_such_address = "That is no address of this office. It ends in @{0}.",
    .trust = "Does this device trust the mail server of the office?",
    .trusted = "Yes, it does",
    .not_trusted = "Not yet: follow the steps below",
    .what_trust_means =
        "What you install lets this device recognise the mail server. It is good for {0} and for addresses of private "
        "networks, and for nothing else: nobody can use it to pretend to be your bank.",
    .fingerprint = "Its fingerprint (SHA-256), to compare with what the box shows:",
    .download_certificate = "Download the certificate",
    .enter_password = "Enter your password when you are asked for it.",
    .apple = "iPhone, iPad, Mac",
    .download_profile = "Download the profile",
    .profile_downloaded = "Profile Downloaded",
    .apple_install = "iPhone, iPad: open Settings, tap “{1}” near the top, then “Install”. Mac: open the file, then "
                     "System Settings, General, Device Management, and install it there.",
    .apple_trust = "iPhone, iPad: Settings, General, About, at the very bottom “Certificate Trust Settings”: switch "
                   "the office on.",
    .windows = "Windows: Outlook and others",
    .trusted_roots = "Trusted Root Certification Authorities",
    .windows_install =
        "Open the file: “Install Certificate”, “Current User”, “Place all certificates in the following store”, “{1}”.",
    .or_paste = "Or paste this line into PowerShell:",
    .outlook = "In Outlook: File, Add Account, your address, “Connect”, then your password.",
    .android = "Android",
    .ca_certificate = "CA certificate",
    .android_install =
        "Open Settings and search for “{1}”. Choose it, “Install anyway”, and pick office.crt among the downloads.",
    .add_account = "In your mail app add an account: your address, then your password.",
    .thunderbird = "Thunderbird, on any computer",
    .identify_websites = "Trust this CA to identify websites",
    .thunderbird_install = "Settings, Privacy & Security, “Manage Certificates”, Authorities, “Import”: choose "
                           "office.crt, and tick that it may identify websites.",
    .thunderbird_account = "New account: your name, address and password, “Continue”, “Done”.",
    .linux_system = "Linux: Evolution, KMail and others",
    .linux_install = "Have the system trust it. On Debian, Ubuntu and their relatives:",
    .scan = "On a phone or tablet",
    .scan_how = "Point its camera at this, within the network of the office: it opens this page there.",
    .account = "Your account",
    .account_what = "Change your password, see which devices are signed in",
    .by_hand = "Settings to enter by hand",
    .incoming = "Incoming mail",
    .outgoing = "Outgoing mail",
    .server = "Server",
    .port = "Port",
    .security = "Security",
    .user_name = "User name",
    .whole_address = "your whole address",
};

constexpr Words german{
    .title = "E-Mail von {0}",
    .introduction = "So kommt dieses Gerät an die E-Mail des Büros, mit und ohne Internet.",
    .address = "Ihre E-Mail-Adresse",
    .show = "Meine Einstellungen zeigen",
    .no_such_address = "Das ist keine Adresse dieses Büros. Sie endet auf @{0}.",
    .trust = "Vertraut dieses Gerät dem Mailserver des Büros?",
    .trusted = "Ja",
    .not_trusted = "Noch nicht: bitte den Schritten unten folgen",
    .what_trust_means = "Was Sie installieren, lässt dieses Gerät den Mailserver erkennen. Es gilt für {0} und für "
                        "Adressen privater Netze, für nichts sonst: niemand kann sich damit als Ihre Bank ausgeben.",
    .fingerprint = "Der Fingerabdruck (SHA-256), zum Vergleich mit dem, den die Box zeigt:",
    .download_certificate = "Das Zertifikat herunterladen",
    .enter_password = "Das Passwort eingeben, wenn danach gefragt wird.",
    .apple = "iPhone, iPad, Mac",
    .download_profile = "Das Profil herunterladen",
    .profile_downloaded = "Profil geladen",
    .apple_install = "iPhone, iPad: Einstellungen öffnen, oben auf „{1}“ tippen, dann „Installieren“. Mac: die Datei "
                     "öffnen, dann Systemeinstellungen, Allgemein, Geräteverwaltung, und dort installieren.",
    .apple_trust = "iPhone, iPad: Einstellungen, Allgemein, Info, ganz unten „Zertifikatsvertrauenseinstellungen“: das "
                   "Büro einschalten.",
    .windows = "Windows: Outlook und andere",
    .trusted_roots = "Vertrauenswürdige Stammzertifizierungsstellen",
    .windows_install = "Die Datei öffnen: „Zertifikat installieren“, „Aktueller Benutzer“, „Alle Zertifikate in "
                       "folgendem Speicher speichern“, „{1}“.",
    .or_paste = "Oder diese Zeile in die PowerShell einfügen:",
    .outlook = "In Outlook: Datei, Konto hinzufügen, die Adresse, „Verbinden“, dann das Passwort.",
    .android = "Android",
    .ca_certificate = "CA-Zertifikat",
    .android_install = "In den Einstellungen nach „{1}“ suchen, es wählen, „Trotzdem installieren“, und unter den "
                       "Downloads office.crt nehmen.",
    .add_account = "In der Mail-App ein Konto hinzufügen: die Adresse, dann das Passwort.",
    .thunderbird = "Thunderbird, auf jedem Rechner",
    .identify_websites = "Dieser CA vertrauen, um Websites zu identifizieren",
    .thunderbird_install = "Einstellungen, Datenschutz & Sicherheit, „Zertifikate verwalten“, Zertifizierungsstellen, "
                           "„Importieren“: office.crt wählen und ankreuzen, dass sie Websites identifizieren darf.",
    .thunderbird_account = "Neues Konto: Name, Adresse und Passwort, „Weiter“, „Fertig“.",
    .linux_system = "Linux: Evolution, KMail und andere",
    .linux_install = "Das System darauf vertrauen lassen. Unter Debian, Ubuntu und ihren Verwandten:",
    .scan = "Auf einem Telefon oder Tablet",
    .scan_how = "Die Kamera darauf richten, im Netz des Büros: sie öffnet diese Seite dort.",
    .account = "Ihr Konto",
    .account_what = "Das Passwort ändern, die angemeldeten Geräte sehen",
    .by_hand = "Einstellungen von Hand",
    .incoming = "Posteingang",
    .outgoing = "Postausgang",
    .server = "Server",
    .port = "Port",
    .security = "Sicherheit",
    .user_name = "Benutzername",
    .whole_address = "Ihre ganze Adresse",
};

constexpr Words french{
    .title = "Messagerie de {0}",
    .introduction = "Comment cet appareil reçoit le courrier du bureau, avec ou sans internet.",
    .address = "Votre adresse électronique",
    .show = "Afficher mes réglages",
    .no_such_address = "Ce n’est pas une adresse de ce bureau. Elle se termine par @{0}.",
    .trust = "Cet appareil fait-il confiance au serveur de messagerie ?",
    .trusted = "Oui",
    .not_trusted = "Pas encore : suivez les étapes ci-dessous",
    .what_trust_means = "Ce que vous installez permet à cet appareil de reconnaître le serveur. Cela vaut pour {0} et "
                        "pour les adresses de réseaux privés, et pour rien d’autre : personne ne peut s’en servir pour "
                        "se faire passer pour votre banque.",
    .fingerprint = "Son empreinte (SHA-256), à comparer avec celle que montre le boîtier :",
    .download_certificate = "Télécharger le certificat",
    .enter_password = "Saisissez votre mot de passe lorsqu’il est demandé.",
    .apple = "iPhone, iPad, Mac",
    .download_profile = "Télécharger le profil",
    .profile_downloaded = "Profil téléchargé",
    .apple_install = "iPhone, iPad : ouvrez Réglages, touchez « {1} » en haut, puis « Installer ». Mac : ouvrez le "
                     "fichier, puis Réglages Système, Général, Gestion des appareils, et installez-le.",
    .apple_trust =
        "iPhone, iPad : Réglages, Général, Informations, tout en bas « Réglages des certificats » : activez le bureau.",
    .windows = "Windows : Outlook et autres",
    .trusted_roots = "Autorités de certification racines de confiance",
    .windows_install = "Ouvrez le fichier : « Installer un certificat », « Utilisateur actuel », « Placer tous les "
                       "certificats dans le magasin suivant », « {1} ».",
    .or_paste = "Ou collez cette ligne dans PowerShell :",
    .outlook = "Dans Outlook : Fichier, Ajouter un compte, votre adresse, « Connexion », puis votre mot de passe.",
    .android = "Android",
    .ca_certificate = "certificat CA",
    .android_install = "Dans les paramètres, cherchez « {1} », choisissez-le, « Installer quand même », puis "
                       "office.crt parmi les téléchargements.",
    .add_account = "Dans votre application de messagerie, ajoutez un compte : votre adresse, puis votre mot de passe.",
    .thunderbird = "Thunderbird, sur tout ordinateur",
    .identify_websites = "Confirmer cette AC pour identifier des sites web",
    .thunderbird_install = "Paramètres, Vie privée et sécurité, « Gérer les certificats », Autorités, « Importer » : "
                           "choisissez office.crt et cochez qu’elle peut identifier des sites web.",
    .thunderbird_account =
        "Nouveau compte : votre nom, votre adresse et votre mot de passe, « Continuer », « Terminé ».",
    .linux_system = "Linux : Evolution, KMail et autres",
    .linux_install = "Faites que le système lui fasse confiance. Sous Debian, Ubuntu et leurs dérivés :",
    .scan = "Sur un téléphone ou une tablette",
    .scan_how = "Visez ceci avec son appareil photo, dans le réseau du bureau : il y ouvre cette page.",
    .account = "Votre compte",
    .account_what = "Changer le mot de passe, voir les appareils connectés",
    .by_hand = "Réglages à saisir à la main",
    .incoming = "Courrier entrant",
    .outgoing = "Courrier sortant",
    .server = "Serveur",
    .port = "Port",
    .security = "Sécurité",
    .user_name = "Nom d’utilisateur",
    .whole_address = "votre adresse complète",
};

constexpr Words spanish{
    .title = "Correo de {0}",
    .introduction = "Cómo recibe este dispositivo el correo de la oficina, con o sin internet.",
    .address = "Su dirección de correo",
    .show = "Mostrar mis ajustes",
    .no_such_address = "Esa no es una dirección de esta oficina. Termina en @{0}.",
    .trust = "¿Confía ya este dispositivo en el servidor de correo?",
    .trusted = "Sí",
    .not_trusted = "Todavía no: siga los pasos de abajo",
    .what_trust_means =
        "Lo que instala permite a este dispositivo reconocer el servidor. Vale para {0} y para direcciones de redes "
        "privadas, y para nada más: nadie puede usarlo para hacerse pasar por su banco.",
    .fingerprint = "Su huella (SHA-256), para compararla con la que muestra el aparato:",
    .download_certificate = "Descargar el certificado",
    .enter_password = "Escriba su contraseña cuando se la pidan.",
    .apple = "iPhone, iPad, Mac",
    .download_profile = "Descargar el perfil",
    .profile_downloaded = "Perfil descargado",
    .apple_install = "iPhone, iPad: abra Ajustes, toque «{1}» arriba y después «Instalar». Mac: abra el archivo y "
                     "después Ajustes del Sistema, General, Gestión de dispositivos, e instálelo.",
    .apple_trust = "iPhone, iPad: Ajustes, General, Información, abajo del todo «Ajustes de confianza de los "
                   "certificados»: active la oficina.",
    .windows = "Windows: Outlook y otros",
    .trusted_roots = "Entidades de certificación raíz de confianza",
    .windows_install = "Abra el archivo: «Instalar certificado», «Usuario actual», «Colocar todos los certificados en "
                       "el siguiente almacén», «{1}».",
    .or_paste = "O pegue esta línea en PowerShell:",
    .outlook = "En Outlook: Archivo, Agregar cuenta, su dirección, «Conectar» y después su contraseña.",
    .android = "Android",
    .ca_certificate = "certificado de CA",
    .android_install =
        "En los ajustes busque «{1}», elíjalo, «Instalar de todos modos», y tome office.crt de las descargas.",
    .add_account = "En su aplicación de correo añada una cuenta: su dirección y después su contraseña.",
    .thunderbird = "Thunderbird, en cualquier ordenador",
    .identify_websites = "Confiar en esta CA para identificar sitios web",
    .thunderbird_install = "Ajustes, Privacidad y seguridad, «Administrar certificados», Autoridades, «Importar»: "
                           "elija office.crt y marque que puede identificar sitios web.",
    .thunderbird_account = "Cuenta nueva: su nombre, dirección y contraseña, «Continuar», «Hecho».",
    .linux_system = "Linux: Evolution, KMail y otros",
    .linux_install = "Haga que el sistema confíe en él. En Debian, Ubuntu y sus parientes:",
    .scan = "En un teléfono o una tableta",
    .scan_how = "Apunte con su cámara aquí, en la red de la oficina: abre allí esta página.",
    .account = "Su cuenta",
    .account_what = "Cambiar la contraseña, ver los dispositivos con sesión iniciada",
    .by_hand = "Ajustes para introducir a mano",
    .incoming = "Correo entrante",
    .outgoing = "Correo saliente",
    .server = "Servidor",
    .port = "Puerto",
    .security = "Seguridad",
    .user_name = "Nombre de usuario",
    .whole_address = "su dirección completa",
};

constexpr Words russian{
    .title = "Почта {0}",
    .introduction = "Как подключить это устройство к почте офиса, с интернетом и без него.",
    .address = "Ваш почтовый адрес",
    .show = "Показать мои настройки",
    .no_such_address = "Это не адрес этого офиса. Он заканчивается на @{0}.",
    .trust = "Доверяет ли это устройство почтовому серверу?",
    .trusted = "Да",
    .not_trusted = "Ещё нет: выполните шаги ниже",
    .what_trust_means =
        "То, что вы устанавливаете, позволяет устройству узнавать сервер. Оно действует для {0} и для адресов частных "
        "сетей, и больше ни для чего: никто не сможет с его помощью выдать себя за ваш банк.",
    .fingerprint = "Его отпечаток (SHA-256), чтобы сравнить с тем, что показывает сервер:",
    .download_certificate = "Скачать сертификат",
    .enter_password = "Введите пароль, когда его спросят.",
    .apple = "iPhone, iPad, Mac",
    .download_profile = "Скачать профиль",
    .profile_downloaded = "Профиль загружен",
    .apple_install = "iPhone, iPad: откройте Настройки, нажмите вверху «{1}», затем «Установить». Mac: откройте файл, "
                     "затем Системные настройки, Основные, Управление устройствами, и установите его там.",
    .apple_trust =
        "iPhone, iPad: Настройки, Основные, Об этом устройстве, в самом низу «Доверие сертификатам»: включите офис.",
    .windows = "Windows: Outlook и другие",
    .trusted_roots = "Доверенные корневые центры сертификации",
    .windows_install = "Откройте файл: «Установить сертификат», «Текущий пользователь», «Поместить все сертификаты в "
                       "следующее хранилище», «{1}».",
    .or_paste = "Или вставьте эту строку в PowerShell:",
    .outlook = "В Outlook: Файл, Добавить учётную запись, ваш адрес, «Подключить», затем пароль.",
    .android = "Android",
    .ca_certificate = "Сертификат ЦС",
    .android_install =
        "В настройках найдите «{1}», выберите его, «Всё равно установить», и возьмите office.crt из загрузок.",
    .add_account = "В почтовом приложении добавьте аккаунт: ваш адрес, затем пароль.",
    .thunderbird = "Thunderbird, на любом компьютере",
    .identify_websites = "Доверять при идентификации веб-сайтов",
    .thunderbird_install = "Настройки, Приватность и защита, «Управление сертификатами», Центры сертификации, "
                           "«Импортировать»: выберите office.crt и отметьте, что он может удостоверять веб-сайты.",
    .thunderbird_account = "Новая учётная запись: имя, адрес и пароль, «Продолжить», «Готово».",
    .linux_system = "Linux: Evolution, KMail и другие",
    .linux_install = "Пусть система ему доверяет. В Debian, Ubuntu и родственных им:",
    .scan = "На телефоне или планшете",
    .scan_how = "Наведите на это камеру, находясь в сети офиса: эта страница откроется на нём.",
    .account = "Ваша учётная запись",
    .account_what = "Сменить пароль, посмотреть, где выполнен вход",
    .by_hand = "Настройки для ввода вручную",
    .incoming = "Входящая почта",
    .outgoing = "Исходящая почта",
    .server = "Сервер",
    .port = "Порт",
    .security = "Защита",
    .user_name = "Имя пользователя",
    .whole_address = "ваш полный адрес",
};

constexpr std::array<Words const*, pages::languages.size()> all{&english, &german, &french, &spanish, &russian};

} // namespace

Words const& words_in(std::string_view language) { return *all[pages::place_of(language)]; }

} // namespace postern::autoconfig
