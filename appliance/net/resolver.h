// Looks up names. An interface, so that tests can play the internet.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

namespace postern::net {

enum class LookUpFailure : std::uint8_t {
    no_such_name,         // it does not exist, as its zone says (RFC 2308 §5), or is no name at all
    perhaps_no_such_name, // a name server says so, and no zone: it may say it of all names, being offline
    no_such_records,      // it exists, and has nothing of what was asked for
    no_mail,              // RFC 7505: it takes no mail, and says so
    server_failed,        // name servers answer, and do not know
    no_answer,            // no name server answers: we may be offline
};

struct LookUpError {
    LookUpFailure failure{};
    std::string reason; // a sentence for an administrator, without the name
    bool operator==(LookUpError const&) const = default;
};

template <typename Found> using LookedUp = std::expected<std::vector<Found>, LookUpError>;

// RFC 5321 §5.1. Its host is a name, whose addresses are looked up by who dials.
struct MailExchanger {
    std::uint16_t preference = 0;
    std::string host;
    bool operator==(MailExchanger const&) const = default;
};

// One executor. Names are A-labels (RFC 5890 §2.3.2.1). What succeeds holds something. Asio's cancellation ends any of
// these at once.
class Resolver {
public:
    virtual ~Resolver() = default;

    // Those of IPv6 first.
    virtual boost::asio::awaitable<LookedUp<boost::asio::ip::address>> addresses(std::string name) = 0;
    // In the order in which they are to be tried. A domain without any is its own (RFC 5321 §5.1: the implicit MX), so
    // that `no_such_records` never comes of this.
    virtual boost::asio::awaitable<LookedUp<MailExchanger>> mail_exchangers(std::string domain) = 0;
};

} // namespace postern::net
