// What all sessions of all services share. One Office a daemon; everything here belongs to the network thread, but for
// what says otherwise.
#pragma once

#include "core/clock.h"
#include "core/random.h"
#include "core/secret.h"
#include "core/settings.h"
#include "net/event.h"
#include "office/link_gate.h"
#include "office/login_memory.h"
#include "office/login_throttle.h"
#include "office/maildrop_lock.h"
#include "office/metadata_news.h"
#include "office/queue_start.h"
#include "office/sign_ins.h"
#include "office/storage.h"
#include "office/upstreams.h"

#include <memory>
#include <string>

namespace postern::net {
class TlsServer;
}

namespace postern::office {

struct Office {
    std::string domain;    // the office's own mail domain, A-label form, lower case: "office.lan"
    std::string host_name; // how the box names itself in greetings and Received lines: "mail.office.lan"
    Storage storage;
    core::Clock const& clock;
    core::Random& random;
    std::shared_ptr<core::Settings const> settings; // a session copies the pointer when it begins
    std::shared_ptr<net::TlsServer> tls;            // null: no TLS is offered (tests)
    LoginThrottle throttle;
    LoginMemory logins;              // passwords that were verified lately, as keyed hashes
    MaildropLocks maildrops = {};    // who has whose, by POP3
    MetadataNews metadata_news = {}; // annotations that IMAP clients changed
    LinkGate link = {};              // what dials out asks it first
    StartQueue start_queue = {};     // null: nobody sends (tests)
    Upstreams upstreams = {};        // whom port 25 takes mail from elsewhere
    SignIns sign_ins{clock};         // who is logged in, and with what
    core::Secret decoy_key; // makes salts for logins that do not exist, the same at each try and after each start
    net::Event& stop;

    // What people connect to: asks for certificates if they may log in by them. Null: no TLS.
    [[nodiscard]] std::shared_ptr<net::TlsServer> tls_for_logins() const;
};

} // namespace postern::office
