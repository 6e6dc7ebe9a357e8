// What of a name server's answer is passed on and remembered: what belongs to the question, and nothing that somebody
// put beside it (RFC 2181 §5.4.1, RFC 5452 §6). Pure; any thread.
#pragma once

#include "wire/dns_message.h"

#include <chrono>
#include <cstdint>
#include <span>

namespace postern::dns {

enum class Verdict : std::uint8_t {
    records,  // there are some
    none,     // there are none of this type; as the zone itself says
    no_name,  // nor any other, nor anything below it
    doubtful, // none, by the word of somebody who does not say how he knows it (RFC 2308 §5): a router that is offline
    failed,   // it knows no answer: SERVFAIL, REFUSED, it sends us elsewhere
    bogus,    // what there is, is forged (RFC 4035 §5.5); nobody is asked further
};

struct UpstreamAnswer {
    Verdict verdict = Verdict::failed;
    wire::dns::Message message; // what goes on to who asked; its question in lower case
    std::chrono::seconds lifetime{0};
    // Nothing of any type is at this name or below it. Is not said by every `no_name`: servers that know addresses of
    // IPv4 alone deny names of which they are asked something else (RFC 4074 §4.2), and some say it of a name whose
    // zone they show to exist.
    bool cuts = false;
};

// `asked` is as it was sent, in whatever case (draft-vixie-dnsext-dns0x20). With `authentic` what it says of
// authenticity is believed: nobody can have changed it on the way (RFC 4035 §4.9.3). What is outside `private_domains`
// and leads inside (rebinding.h) is withheld: there is no such data then, and an extended error says why. That the name
// does not exist would be one lie more, and hide what else is there.
[[nodiscard]] UpstreamAnswer read_upstream_answer(wire::dns::Message const& said, wire::dns::Question const& asked,
                                                  bool dnssec_ok, bool authentic,
                                                  std::span<wire::dns::Name const> private_domains);

} // namespace postern::dns
