#include "office/office.h"

#include "net/tls.h"

namespace postern::office {

std::shared_ptr<net::TlsServer> Office::tls_for_logins() const {
    return tls && settings->flag("login.certificates") ? tls->asking() : tls;
}

} // namespace postern::office
