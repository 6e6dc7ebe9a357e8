#include "self_service/words.h"

#include "pages/language.h"

#include <array>

namespace postern::self_service {

namespace {

constexpr Words english{
    .sign_in = "Sign in",
    .address = "Your mail address",
    .password = "Password",
    .wrong = "Address or password is wrong.",
    .unavailable = "That cannot be done at the moment. Please try again.",
    .to_setup = "Set up a device",
    .account = "Your account",
    .sign_out = "Sign out",
    .storage = "Storage",
    .used = "{0} used",
    .used_of = "{0} of {1} used",
    .devices = "Devices that are signed in",
    .no_devices = "No device is signed in.",
    .program = "Program",
    .network_address = "Network address",
    .last_seen = "Last seen",
    .now = "now",
    .minutes = "{0} min ago",
    .hours = "{0} h ago",
    .days = "{0} d ago",
    .since_start =
        "Since the mail server was started. If there is one that you do not know, change your password: that "
        "signs all of them out.",
    .change_password = "Change the password",
    .what_it_means = "Your devices will ask for the new one.",
    .current_password = "Current password",
    .new_password = "New password (at least {0} characters)",
    .same_again = "The new one again",
    .change = "Change",
    .changed = "The password is changed. Your devices ask for the new one now.",
    .wrong_password = "The current password is wrong.",
    .too_short = "The new password is too short: it has to have at least {0} characters.",
    .not_the_same = "The two new passwords are not the same.",
    .unusable = "The new password holds characters that not every mail program can send.",
};

constexpr Words german{
    .sign_in = "Anmelden",
    .address = "Ihre E-Mail-Adresse",
    .password = "Passwort",
    .wrong = "Adresse oder Passwort ist falsch.",
    .unavailable = "Das geht im Moment nicht. Bitte noch einmal versuchen.",
    .to_setup = "Ein Gerät einrichten",
    .account = "Ihr Konto",
    .sign_out = "Abmelden",
    .storage = "Speicher",
    .used = "{0} belegt",
    .used_of = "{0} von {1} belegt",
    .devices = "Angemeldete Geräte",
    .no_devices = "Kein Gerät ist angemeldet.",
    .program = "Programm",
    .network_address = "Netzadresse",
    .last_seen = "Zuletzt da",
    .now = "jetzt",
    .minutes = "vor {0} min",
    .hours = "vor {0} h",
    .days = "vor {0} d",
    .since_start =
        "Seit dem Start des Mailservers. Ist eines dabei, das Sie nicht kennen, ändern Sie das Passwort: das "
        "meldet alle ab.",
    .change_password = "Das Passwort ändern",
    .what_it_means = "Ihre Geräte werden nach dem neuen fragen.",
    .current_password = "Jetziges Passwort",
    .new_password = "Neues Passwort (mindestens {0} Zeichen)",
    .same_again = "Das neue noch einmal",
    .change = "Ändern",
    .changed = "Das Passwort ist geändert. Ihre Geräte fragen jetzt nach dem neuen.",
    .wrong_password = "Das jetzige Passwort ist falsch.",
    .too_short = "Das neue Passwort ist zu kurz: es muss mindestens {0} Zeichen haben.",
    .not_the_same = "Die beiden neuen Passwörter sind nicht gleich.",
    .unusable = "Das neue Passwort enthält Zeichen, die nicht jedes Mailprogramm senden kann.",
};

constexpr Words french{
    .sign_in = "Se connecter",
    .address = "Votre adresse électronique",
    .password = "Mot de passe",
    .wrong = "L’adresse ou le mot de passe est erroné.",
    .unavailable = "C’est impossible pour le moment. Veuillez réessayer.",
    .to_setup = "Configurer un appareil",
    .account = "Votre compte",
    .sign_out = "Se déconnecter",
    .storage = "Stockage",
    .used = "{0} utilisés",
    .used_of = "{0} sur {1} utilisés",
    .devices = "Appareils connectés",
    .no_devices = "Aucun appareil n’est connecté.",
    .program = "Programme",
    .network_address = "Adresse réseau",
    .last_seen = "Vu",
    .now = "maintenant",
    .minutes = "il y a {0} min",
    .hours = "il y a {0} h",
    .days = "il y a {0} j",
    .since_start =
        "Depuis le démarrage du serveur de messagerie. S’il y en a un que vous ne connaissez pas, changez votre "
        "mot de passe : cela les déconnecte tous.",
    .change_password = "Changer le mot de passe",
    .what_it_means = "Vos appareils demanderont le nouveau.",
    .current_password = "Mot de passe actuel",
    .new_password = "Nouveau mot de passe (au moins {0} caractères)",
    .same_again = "Le nouveau, encore une fois",
    .change = "Changer",
    .changed = "Le mot de passe est changé. Vos appareils demandent maintenant le nouveau.",
    .wrong_password = "Le mot de passe actuel est erroné.",
    .too_short = "Le nouveau mot de passe est trop court : il lui faut au moins {0} caractères.",
    .not_the_same = "Les deux nouveaux mots de passe diffèrent.",
    .unusable = "Le nouveau mot de passe contient des caractères que certains logiciels de messagerie ne savent pas "
                "envoyer.",
};

constexpr Words spanish{
    .sign_in = "Iniciar sesión",
    .address = "Su dirección de correo",
    .password = "Contraseña",
    .wrong = "La dirección o la contraseña no es correcta.",
    .unavailable = "No es posible en este momento. Inténtelo de nuevo.",
    .to_setup = "Configurar un dispositivo",
    .account = "Su cuenta",
    .sign_out = "Cerrar sesión",
    .storage = "Almacenamiento",
    .used = "{0} en uso",
    .used_of = "{0} de {1} en uso",
    .devices = "Dispositivos con sesión iniciada",
    .no_devices = "Ningún dispositivo ha iniciado sesión.",
    .program = "Programa",
    .network_address = "Dirección de red",
    .last_seen = "Visto",
    .now = "ahora",
    .minutes = "hace {0} min",
    .hours = "hace {0} h",
    .days = "hace {0} d",
    .since_start =
        "Desde que se inició el servidor de correo. Si hay alguno que no conoce, cambie su contraseña: eso cierra "
        "la sesión de todos.",
    .change_password = "Cambiar la contraseña",
    .what_it_means = "Sus dispositivos pedirán la nueva.",
    .current_password = "Contraseña actual",
    .new_password = "Contraseña nueva (al menos {0} caracteres)",
    .same_again = "La nueva otra vez",
    .change = "Cambiar",
    .changed = "La contraseña se ha cambiado. Sus dispositivos piden ahora la nueva.",
    .wrong_password = "La contraseña actual no es correcta.",
    .too_short = "La contraseña nueva es demasiado corta: debe tener al menos {0} caracteres.",
    .not_the_same = "Las dos contraseñas nuevas no coinciden.",
    .unusable = "La contraseña nueva contiene caracteres que no todos los programas de correo saben enviar.",
};

constexpr Words russian{
    .sign_in = "Войти",
    .address = "Ваш почтовый адрес",
    .password = "Пароль",
    .wrong = "Неверный адрес или пароль.",
    .unavailable = "Сейчас это невозможно. Попробуйте ещё раз.",
    .to_setup = "Настроить устройство",
    .account = "Ваша учётная запись",
    .sign_out = "Выйти",
    .storage = "Место",
    .used = "Занято {0}",
    .used_of = "Занято {0} из {1}",
    .devices = "Устройства, на которых выполнен вход",
    .no_devices = "Ни на одном устройстве вход не выполнен.",
    .program = "Программа",
    .network_address = "Сетевой адрес",
    .last_seen = "Последний раз",
    .now = "сейчас",
    .minutes = "{0} мин назад",
    .hours = "{0} ч назад",
    .days = "{0} дн. назад",
    .since_start =
        "С момента запуска почтового сервера. Если какое-то из них вам незнакомо, смените пароль: это выполнит "
        "выход на всех.",
    .change_password = "Сменить пароль",
    .what_it_means = "Ваши устройства спросят новый.",
    .current_password = "Текущий пароль",
    .new_password = "Новый пароль (не менее {0} знаков)",
    .same_again = "Новый пароль ещё раз",
    .change = "Сменить",
    .changed = "Пароль изменён. Ваши устройства теперь спросят новый.",
    .wrong_password = "Текущий пароль неверен.",
    .too_short = "Новый пароль слишком короткий: нужно не менее {0} знаков.",
    .not_the_same = "Новые пароли не совпадают.",
    .unusable = "Новый пароль содержит знаки, которые умеют отправлять не все почтовые программы.",
};

constexpr std::array<Words const*, pages::languages.size()> all{&english, &german, &french, &spanish, &russian};

} // namespace

Words const& words_in(std::string_view language) { return *all[pages::place_of(language)]; }

} // namespace postern::self_service
