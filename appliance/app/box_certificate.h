// Which certificate clients are shown, and by which name they are told to know the box: the setting tls.host if the
// certificate covers that, else mail.DOMAIN. The administrator's own comes first, then that of a public authority
// (acme.h), then that of the office's, which is there at any time for when the others are of no use: no certificate
// keeps anybody from his mail.
#pragma once

#include "control/daemon.h"
#include "net/tls.h"
#include "office/office.h"

#include <chrono>
#include <expected>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::app {

// The network thread. The office outlives it.
class BoxCertificate {
public:
    // `listen`: one address, or all of the box's. `elsewhere`: TlsServer::Options.
    BoxCertificate(office::Office& office, std::filesystem::path directory, std::string listen,
                   std::function<void(std::move_only_function<void()> work)> elsewhere)
        : office_(office),
          directory_(std::move(directory)),
          listen_(std::move(listen)),
          elsewhere_(std::move(elsewhere)) {}

    // Looks at the files, makes what is missing or due, and has the next handshake show it. What cannot be used is
    // logged. Blocks. The error is a sentence for the administrator: there is nothing that could be shown, or what is
    // goes on.
    std::expected<void, std::string> look();

    // What a certificate of a public authority is to have, the name first by which clients know the box.
    [[nodiscard]] std::vector<std::string> public_names() const;
    // How long clients may insist on TLS by a certificate that they trust (RFC 6797): nothing, unless they do so
    // anyway.
    [[nodiscard]] std::chrono::seconds strict_for() const;

    // That clients are told.
    [[nodiscard]] std::string const& host() const { return host_; }
    // tls.host, whether it is that or not; empty if it is not set.
    [[nodiscard]] std::string other_name() const;
    // The certificates of the authorities that devices are to trust, PEM; empty: what they are shown they trust anyway.
    [[nodiscard]] std::string const& authorities() const { return authorities_; }
    // What they are shown, PEM, and by what they judge it: of one that only they can judge its key is right, whatever the
    // date says. May read a file.
    [[nodiscard]] std::string const& shown() const { return shown_; }
    [[nodiscard]] net::TlsClient::Options trust() const;
    [[nodiscard]] control::CertificateStatus status() const;

    // The office's authority, and what an administrator may do to it; blocks. Look afterwards.
    [[nodiscard]] control::AuthorityStatus authority_status() const;
    std::expected<void, std::string> change_authority(control::AuthorityChange change);

private:
    struct Source {
        std::string name;                     // of the files
        std::string_view of;                  // whose it is
        std::optional<net::TlsIdentity> good; // the last one that was, as long as it is
        std::string trouble;                  // why the one that is there is not shown
    };
    void take(Source& source);
    void follow_authority();

    office::Office& office_;
    std::filesystem::path directory_;
    std::string listen_;
    std::function<void(std::move_only_function<void()> work)> elsewhere_;
    Source own_{"own", "the administrator", {}, {}};
    Source public_{"acme", "the public authority", {}, {}};
    std::string_view of_; // whose is shown
    bool is_public_ = false;
    std::string shown_;            // PEM
    std::string client_authority_; // PEM
    std::string host_;
    std::string authorities_;
};

} // namespace postern::app
