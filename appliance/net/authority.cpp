#include "net/authority.h"

#include "core/box_names.h"
#include "net/address.h"
#include "net/der.h"

#include <arpa/inet.h>
#include <mbedtls/asn1.h>
#include <mbedtls/ecp.h>
#include <mbedtls/oid.h>

#include <algorithm>
#include <array>
#include <format>
#include <list>
#include <ranges>

namespace postern::net {

namespace {

using namespace std::chrono_literals;
using der::tlv;

// GeneralName, RFC 5280 §4.2.1.6.
constexpr char rfc822_name = '\x81';
constexpr char dns_name = '\x82';
constexpr char ip_address = '\x87';

// Constant, so that a wrong clock at first start makes no authority that is not valid yet, or not any more; a later one
// ends a quarter of a century after another.
constexpr char const* authority_not_before = "20250101000000";
constexpr std::chrono::year first_end{2049};
constexpr std::chrono::years authority_years{25}, least_authority_years{5};

// The most that Apple's platforms take of a server certificate, from any authority.
constexpr auto server_validity = std::chrono::days(397);
// The clocks of box and client may differ.
constexpr auto clock_tolerance = std::chrono::days(1);

constexpr std::size_t most_common_name = 64; // RFC 5280 appendix A.1, ub-common-name

constexpr std::size_t most_pem = 8 * 1024;

int random_from(void* random, unsigned char* into, std::size_t size) {
    static_cast<core::Random*>(random)->fill(std::as_writable_bytes(std::span(into, size)));
    return 0;
}

// RFC 5280 §4.2.1.10: "office.lan" permits every name below it too; mail addresses at the host alone.
std::string subtree(char kind, std::string_view base) { return tlv(der::sequence, tlv(kind, base)); }

std::string name_constraints(std::string_view domain) {
    std::string permitted = subtree(dns_name, domain) + subtree(dns_name, "local") + subtree(dns_name, "localhost") +
                            subtree(rfc822_name, domain);
    for (Network const& network : private_networks()) permitted += subtree(ip_address, network.address_and_mask());
    return tlv(der::sequence, tlv(der::context_0_explicit, permitted));
}

std::string address_octets(std::string_view written) {
    std::string const text(written);
    std::array<char, 16> octets;
    if (inet_pton(AF_INET, text.c_str(), octets.data()) == 1) return {octets.data(), 4};
    if (inet_pton(AF_INET6, text.c_str(), octets.data()) == 1) return {octets.data(), 16};
    return {};
}

bool is_private(std::string_view address) {
    return std::ranges::any_of(private_networks(), [&](Network const& network) { return network.contains(address); });
}

std::string common_name(std::string_view name, std::string_view otherwise) {
    return std::format("CN={}", name.size() <= most_common_name ? name : otherwise);
}

std::chrono::year year_of(core::WallTime time) {
    return std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(time)).year();
}

std::string written(core::WallTime time) { return std::format("{:%Y%m%d%H%M%S}", time); }

} // namespace

std::error_code generate(PrivateKey& key, core::Random& random) {
    int failed = mbedtls_pk_setup(&key.get(), mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY));
    if (failed == 0)
        failed = mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(key.get()), random_from, &random);
    return failed == 0 ? std::error_code{} : mbedtls_error(failed);
}

namespace {

// A certificate being written: mbedTLS's calls in a row, of which the first failure counts.
class Draft {
public:
    explicit Draft(core::Random& random) : random_(random), serial_(random.bytes(16)) {
        mbedtls_x509write_crt_init(&draft_);
        mbedtls_x509write_crt_set_version(&draft_, MBEDTLS_X509_CRT_VERSION_3);
        mbedtls_x509write_crt_set_md_alg(&draft_, MBEDTLS_MD_SHA256);
        // RFC 5280 §4.1.2.2: positive, at most 20 octets.
        serial_[0] = static_cast<char>((serial_[0] & 0x3f) | 0x40);
        failed_ = mbedtls_x509write_crt_set_serial_raw(&draft_, reinterpret_cast<unsigned char*>(serial_.data()),
                                                       serial_.size());
    }
    Draft(Draft const&) = delete;
    Draft& operator=(Draft const&) = delete;
    ~Draft() { mbedtls_x509write_crt_free(&draft_); }
    [[nodiscard]] std::string const& serial() const { return serial_; }

    // step(draft) is one of mbedTLS's, and says 0 when it worked.
    template <typename Step> void then(Step step) {
        if (failed_ == 0) failed_ = step(&draft_);
    }

    void name(std::string const& issuer, std::string const& subject) {
        then([&](auto* draft) { return mbedtls_x509write_crt_set_issuer_name(draft, issuer.c_str()); });
        then([&](auto* draft) { return mbedtls_x509write_crt_set_subject_name(draft, subject.c_str()); });
    }
    void keys(PrivateKey& issuer, PrivateKey& subject) {
        mbedtls_x509write_crt_set_issuer_key(&draft_, &issuer.get());
        mbedtls_x509write_crt_set_subject_key(&draft_, &subject.get());
        then(mbedtls_x509write_crt_set_subject_key_identifier);
        then(mbedtls_x509write_crt_set_authority_key_identifier);
    }

    // Signs it; with the subject's key.
    std::expected<TlsIdentity, std::error_code> finish(PrivateKey& subject) {
        std::string pem(most_pem, '\0');
        auto* const begin = reinterpret_cast<unsigned char*>(pem.data());
        then([&](auto* draft) { return mbedtls_x509write_crt_pem(draft, begin, pem.size(), random_from, &random_); });
        if (failed_ != 0) return std::unexpected(mbedtls_error(failed_));
        TlsIdentity made;
        made.certificates = pem.c_str();
        then([&](auto*) { return mbedtls_pk_write_key_pem(&subject.get(), begin, pem.size()); });
        made.key = core::Secret(std::string_view(pem.c_str()));
        core::wipe(pem);
        if (failed_ != 0) return std::unexpected(mbedtls_error(failed_));
        return made;
    }

private:
    core::Random& random_;
    std::string serial_;
    mbedtls_x509write_cert draft_;
    int failed_ = 0;
};

} // namespace

AlternativeNames server_names(std::string_view domain, std::span<std::string const> others) {
    AlternativeNames names{dns_name + std::string(domain), dns_name + std::string("localhost")};
    names.insert(dns_name + std::string(core::multicast_name));
    names.insert(std::format("{}{}.{}", dns_name, core::host_label, domain));
    for (std::string_view const label : core::other_labels)
        names.insert(std::format("{}{}.{}", dns_name, label, domain));
    for (std::string_view const loopback : {"127.0.0.1", "::1"}) names.insert(ip_address + address_octets(loopback));
    for (std::string const& other : others) {
        if (is_private(other)) names.insert(ip_address + address_octets(other));
        if (other.ends_with(std::format(".{}", domain))) names.insert(dns_name + other);
    }
    return names;
}

AlternativeNames names_in(mbedtls_x509_crt const& certificate) {
    AlternativeNames names;
    for (mbedtls_asn1_sequence const* name = &certificate.subject_alt_names; name != nullptr; name = name->next)
        if (name->buf.p != nullptr)
            names.insert(static_cast<char>(name->buf.tag) + std::string(name->buf.p, name->buf.p + name->buf.len));
    return names;
}

std::string_view dns_name_of(std::string_view alternative_name) {
    return alternative_name.starts_with(dns_name) ? alternative_name.substr(1) : std::string_view();
}

std::expected<TlsIdentity, std::error_code> make_authority(std::string_view domain, core::Random& random,
                                                           std::optional<core::WallTime> follows) {
    PrivateKey key;
    if (std::error_code const error = generate(key, random)) return std::unexpected(error);
    // One that follows another is to be told from it, by people as well.
    std::string const day = follows ? std::format(" of {:%F}", *follows) : "";
    std::string const name =
        common_name(std::format("Postern authority for {}{}", domain, day), "Postern authority" + day);
    auto end = first_end;
    if (follows)
        while (end < year_of(*follows) + least_authority_years) end += authority_years;
    std::string const not_after = std::format("{:04}1231235959", static_cast<int>(end));
    std::string const constraints = name_constraints(domain);
    Draft draft(random);
    draft.name(name, name);
    draft.keys(key, key);
    draft.then(
        [&](auto* it) { return mbedtls_x509write_crt_set_validity(it, authority_not_before, not_after.c_str()); });
    draft.then([](auto* it) { return mbedtls_x509write_crt_set_basic_constraints(it, 1, 0); });
    draft.then([](auto* it) {
        return mbedtls_x509write_crt_set_key_usage(it, MBEDTLS_X509_KU_KEY_CERT_SIGN | MBEDTLS_X509_KU_CRL_SIGN);
    });
    draft.then([&](auto* it) {
        return mbedtls_x509write_crt_set_extension(
            it, MBEDTLS_OID_NAME_CONSTRAINTS, MBEDTLS_OID_SIZE(MBEDTLS_OID_NAME_CONSTRAINTS), 1,
            reinterpret_cast<unsigned char const*>(constraints.data()), constraints.size());
    });
    return draft.finish(key);
}

bool permits(std::string_view name_constraints, std::string_view domain) {
    return name_constraints.contains(subtree(dns_name, domain));
}

namespace {

// What a certificate says of its subject.
struct Subject {
    std::string name; // distinguished, as mbedTLS writes it
    AlternativeNames const& names;
    std::span<unsigned char> usage; // an OID of RFC 5280 §4.2.1.12
    std::string begin, end;
};

std::expected<ClientCertificate, std::error_code> issue(mbedtls_x509_crt const& authority, PrivateKey& authority_key,
                                                        Subject const& subject, PrivateKey& key, core::Random& random) {
    char issuer[MBEDTLS_X509_MAX_DN_NAME_SIZE];
    if (int const failed = mbedtls_x509_dn_gets(issuer, sizeof issuer, &authority.subject); failed < 0)
        return std::unexpected(mbedtls_error(failed));

    std::list<mbedtls_x509_san_list> entries; // mbedTLS's own list runs through it, back to front
    for (std::string const& name : subject.names) {
        mbedtls_x509_san_list entry{};
        entry.node.type = static_cast<unsigned char>(name[0]) & MBEDTLS_ASN1_TAG_VALUE_MASK;
        entry.node.san.unstructured_name.p = reinterpret_cast<unsigned char*>(const_cast<char*>(name.data() + 1));
        entry.node.san.unstructured_name.len = name.size() - 1;
        entry.next = entries.empty() ? nullptr : &entries.front();
        entries.push_front(entry);
    }
    mbedtls_asn1_sequence const usage{{MBEDTLS_ASN1_OID, subject.usage.size(), subject.usage.data()}, nullptr};

    Draft draft(random);
    draft.name(issuer, subject.name);
    draft.keys(authority_key, key);
    draft.then(
        [&](auto* it) { return mbedtls_x509write_crt_set_validity(it, subject.begin.c_str(), subject.end.c_str()); });
    draft.then([](auto* it) { return mbedtls_x509write_crt_set_basic_constraints(it, 0, -1); });
    draft.then([](auto* it) { return mbedtls_x509write_crt_set_key_usage(it, MBEDTLS_X509_KU_DIGITAL_SIGNATURE); });
    draft.then([&](auto* it) { return mbedtls_x509write_crt_set_ext_key_usage(it, &usage); });
    draft.then([&](auto* it) { return mbedtls_x509write_crt_set_subject_alternative_name(it, &entries.front()); });
    auto made = draft.finish(key);
    if (!made) return std::unexpected(made.error());
    return ClientCertificate{std::move(*made), draft.serial()};
}

} // namespace

std::expected<TlsIdentity, std::error_code> issue_server_certificate(mbedtls_x509_crt const& authority,
                                                                     PrivateKey& authority_key, PrivateKey& key,
                                                                     AlternativeNames const& names, core::WallTime now,
                                                                     core::Random& random) {
    unsigned char usage[] = MBEDTLS_OID_SERVER_AUTH;
    now = std::max(now, time_of(authority.valid_from) + clock_tolerance);
    core::WallTime const begin = now - clock_tolerance;
    return issue(authority, authority_key,
                 {"CN=Postern", names, std::span(usage).first(sizeof usage - 1), written(begin),
                  written(begin + server_validity - 1s)},
                 key, random)
        .transform([](ClientCertificate made) { return std::move(made.identity); });
}

std::expected<ClientCertificate, std::error_code> issue_client_certificate(mbedtls_x509_crt const& authority,
                                                                           PrivateKey& authority_key,
                                                                           std::string_view mail_address,
                                                                           core::Random& random) {
    unsigned char usage[] = MBEDTLS_OID_CLIENT_AUTH;
    AlternativeNames const names{rfc822_name + std::string(mail_address)};
    std::string const login(mail_address.substr(0, mail_address.rfind('@')));
    PrivateKey key;
    if (std::error_code const error = generate(key, random)) return std::unexpected(error);
    return issue(authority, authority_key,
                 {common_name(login, "account"), names, std::span(usage).first(sizeof usage - 1), authority_not_before,
                  written(time_of(authority.valid_to))},
                 key, random);
}

PeerCertificate describe(mbedtls_x509_crt const& certificate) {
    PeerCertificate described{{certificate.serial.p, certificate.serial.p + certificate.serial.len}, {}};
    for (std::string const& name : names_in(certificate))
        if (name.starts_with(rfc822_name)) described.mail_address = name.substr(1);
    return described;
}

core::WallTime time_of(mbedtls_x509_time const& time) {
    std::chrono::year_month_day const day{std::chrono::year(time.year),
                                          std::chrono::month(static_cast<unsigned>(time.mon)),
                                          std::chrono::day(static_cast<unsigned>(time.day))};
    return std::chrono::sys_days(day) + std::chrono::hours(time.hour) + std::chrono::minutes(time.min) +
           std::chrono::seconds(time.sec);
}

} // namespace postern::net
