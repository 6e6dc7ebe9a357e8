#include "app/box_certificate.h"

#include "core/log.h"
#include "net/certificate.h"
#include "net/interface.h"
#include "net/own_certificate.h"
#include "net/succession.h"
#include "net/system_authorities.h"
#include "text/idn.h"

#include <algorithm>
#include <format>
#include <utility>
#include <vector>

namespace postern::app {

namespace {

constexpr auto succession_time = std::chrono::years(3);

// The addresses under which clients may know the box: the one it listens at, or every one it has.
std::vector<std::string> own_addresses(std::string const& listen) {
    if (listen != "::" && listen != "0.0.0.0") return {listen};
    std::vector<std::string> addresses;
    for (net::InterfaceAddress& one : net::interface_addresses())
        if (one.lasting) addresses.push_back(std::move(one.address));
    return addresses;
}

} // namespace

std::string BoxCertificate::other_name() const {
    return text::domain_to_ascii(office_.settings->text("tls.host")).value_or("");
}

std::vector<std::string> BoxCertificate::public_names() const {
    std::string const other = other_name();
    std::vector<std::string> names{other.empty() ? office_.host_name : other};
    // Which clients try by themselves.
    if (names.front().ends_with("." + office_.domain))
        for (char const* label : {"autoconfig", "autodiscover"})
            names.push_back(std::format("{}.{}", label, office_.domain));
    return names;
}

// What clients promised must not outlast what it is founded on.
std::chrono::seconds BoxCertificate::strict_for() const {
    constexpr auto longest = std::chrono::days(30);
    if (!is_public_) return {};
    return std::clamp<std::chrono::seconds>(net::end_of(shown_) - office_.clock.wall(), {}, longest);
}

// Files that are replaced one after the other do not fit together for a moment, and one that is over was good before:
// clients go on seeing what they saw.
void BoxCertificate::take(Source& source) {
    std::string const host = public_names().front();
    auto const now = office_.clock.wall();
    auto own = net::load_own_certificate(directory_, source.name, host, now);
    std::string const trouble = own ? "" : own.error();
    if (own)
        source.good = std::move(*own);
    else if (source.good &&
             (!net::covers(source.good->certificates, host) || net::end_of(source.good->certificates) < now))
        source.good.reset();
    if (trouble != std::exchange(source.trouble, trouble) && !trouble.empty())
        core::log(core::Event::certificate_unusable, {{"reason", trouble}, {"directory", directory_.native()}});
}

// Long before the authority's end there is another one.
void BoxCertificate::follow_authority() {
    auto const now = office_.clock.wall();
    auto const since = net::next_authority_since(directory_);
    std::expected<void, std::string> done;
    if (since && *since + office_.settings->seconds("tls.authority_overlap") <= now)
        done = net::begin_with_next_authority(directory_);
    else if (auto const present = net::authority_certificate(directory_);
             !since && !present.empty() && net::end_of(present) < now + succession_time)
        done = net::prepare_next_authority(directory_, office_.domain, now, office_.random);
    if (!done) core::log(core::Event::authority_changed, {{"failed", done.error()}});
}

std::expected<void, std::string> BoxCertificate::look() {
    take(own_);
    if (office_.settings->text("acme.directory").empty())
        public_ = {public_.name, public_.of, {}, {}};
    else
        take(public_);
    follow_authority();
    auto others = own_addresses(listen_);
    std::string const other = other_name();
    others.push_back(other);
    auto const made =
        net::load_or_make_identity(directory_, office_.domain, others, office_.clock.wall(), office_.random);
    Source const* const better = own_.good ? &own_ : public_.good ? &public_ : nullptr;
    if (!made && better == nullptr) return std::unexpected(made.error());
    if (!made) core::log(core::Event::certificate_unusable, {{"reason", made.error()}});
    net::TlsIdentity const& identity = better != nullptr ? *better->good : *made;
    net::TlsServer::Options options;
    options.client_authority = net::client_authorities(directory_);
    authorities_ = better != nullptr ? "" : net::trusted_authorities(directory_);
    host_ = !other.empty() && net::covers(identity.certificates, other) ? other : office_.host_name;
    // Else clients may go on resuming their sessions.
    if (identity.certificates != shown_ || options.client_authority != client_authority_) {
        std::string const client_authority = options.client_authority;
        options.elsewhere = elsewhere_;
        auto server = net::TlsServer::make(identity, std::move(options));
        if (!server) return std::unexpected(std::move(server.error()));
        office_.tls = std::move(*server);
        shown_ = identity.certificates;
        client_authority_ = client_authority;
        of_ = better != nullptr ? better->of : "the office's authority";
        auto const systems = better != nullptr ? net::read_system_authorities() : std::unexpected("");
        is_public_ = systems && net::is_trusted(shown_, host_, *systems);
        core::log(core::Event::certificate_shown,
                  {{"of", of_}, {"host", host_}, {"until", std::format("{:%F}", net::end_of(shown_))}});
    }
    return {};
}

net::TlsClient::Options BoxCertificate::trust() const {
    std::string trusted = authorities_;
    if (trusted.empty() && is_public_) trusted = net::read_system_authorities().value_or("");
    net::TlsClient::Options options;
    if (trusted.empty()) options.key_digest = net::key_digest_of(shown_);
    options.trusted = std::move(trusted);
    options.any_time = true;
    return options;
}

control::CertificateStatus BoxCertificate::status() const {
    return {.of = of_,
            .host = host_,
            .until = net::end_of(shown_),
            .trouble = own_.trouble.empty() && !own_.good ? public_.trouble : own_.trouble};
}

control::AuthorityStatus BoxCertificate::authority_status() const {
    auto next = net::next_authority_since(directory_);
    if (next) *next += office_.settings->seconds("tls.authority_overlap");
    return {.until = net::end_of(net::authority_certificate(directory_)),
            .next_signs = next,
            .old = net::has_old_authority(directory_),
            .certificate = net::authority_certificate(directory_)};
}

std::expected<void, std::string> BoxCertificate::change_authority(control::AuthorityChange change) {
    switch (change) {
    case control::AuthorityChange::prepare_next:
        return net::prepare_next_authority(directory_, office_.domain, office_.clock.wall(), office_.random);
    case control::AuthorityChange::begin_with_next: return net::begin_with_next_authority(directory_);
    case control::AuthorityChange::forget_old: return net::forget_old_authorities(directory_);
    }
    std::unreachable();
}

} // namespace postern::app
