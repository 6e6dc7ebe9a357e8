#include "imap/capability.h"

#include "text/ascii.h"

#include <algorithm>

namespace postern::imap {

namespace {

// RFC 3501, 9051, 7888, 4959, 2971, 5161: what is of use in any state.
constexpr std::string_view everywhere[] = {"IMAP4rev1", "IMAP4rev2", "LITERAL+", "SASL-IR", "ID", "ENABLE"};

constexpr std::string_view extensions_after_login[] = {
    // RFC 2177, 2342, 3348, 4315, 3691, 6851, 7162, 4731, 6154, 8438
    "IDLE", "NAMESPACE", "CHILDREN", "UIDPLUS", "UNSELECT", "MOVE", "CONDSTORE", "QRESYNC", "ESEARCH", "SPECIAL-USE",
    "STATUS=SIZE",
    // RFC 4978: any state would do, but before login it would keep a client from STARTTLS.
    "COMPRESS=DEFLATE",
    // RFC 5258, 5819, 6855, 3516
    "LIST-EXTENDED", "LIST-STATUS", "UTF8=ACCEPT", "BINARY",
    // Of what is told of messages, and when: RFC 8970, 9586, 5465
    "PREVIEW", "UIDONLY", "NOTIFY",
    // RFC 6154 §3, 8474, 8514, 8437; XLIST is of no RFC
    "CREATE-SPECIAL-USE", "XLIST", "OBJECTID", "SAVEDATE", "UNAUTHENTICATE",
    // Of putting messages: RFC 3502, 4469, 5550 §5.7.1 (";PARTIAL" in the URLs of CATENATE), 8508
    "MULTIAPPEND", "CATENATE", "URL-PARTIAL", "REPLACE",
    // RFC 4314, with the rights that RFC 2086 did not have; 8440
    "ACL", "RIGHTS=kxte", "LIST-MYRIGHTS",
    // Of searching: RFC 5032, 5182, 5255 (i;unicode-casemap), 9394, 9585, 5256, 5957, 5267, 7377,
    // draft-ietf-morg-inthread
    "WITHIN", "SEARCHRES", "I18NLEVEL=1", "PARTIAL", "INPROGRESS", "SORT", "SORT=DISPLAY", "ESORT", "CONTEXT=SEARCH",
    "CONTEXT=SORT", "MULTISEARCH", "THREAD=ORDEREDSUBJECT", "THREAD=REFERENCES", "THREAD=REFS",
    // RFC 5464 §1: of mailboxes and of the server; RFC 9590
    "METADATA", "LIST-METADATA",
    // RFC 9208 §3.1.1
    "QUOTA", "QUOTA=RES-STORAGE", "QUOTA=RES-MESSAGE"};

// RFC 3501 §7.2.1 AUTH=; the names are the registry's.
constexpr std::string_view auth_prefix = "AUTH=";
constexpr std::string_view auth_capabilities[] = {"AUTH=EXTERNAL", "AUTH=PLAIN", "AUTH=LOGIN", "AUTH=SCRAM-SHA-256",
                                                  "AUTH=SCRAM-SHA-256-PLUS"};

std::string_view auth_capability(std::string_view mechanism) {
    return *std::ranges::find(auth_capabilities, mechanism,
                              [](std::string_view name) { return name.substr(auth_prefix.size()); });
}

} // namespace

std::vector<std::string_view> capabilities_before_login(bool starttls, bool login,
                                                        std::span<std::string_view const> mechanisms) {
    std::vector<std::string_view> result(std::begin(everywhere), std::end(everywhere));
    if (starttls) result.push_back("STARTTLS");
    if (!login) result.push_back("LOGINDISABLED");
    for (std::string_view const mechanism : mechanisms) result.push_back(auth_capability(mechanism));
    return result;
}

std::vector<std::string_view> capabilities_after_login(bool administrator) {
    std::vector<std::string_view> result(std::begin(everywhere), std::end(everywhere));
    result.insert(result.end(), std::begin(extensions_after_login), std::end(extensions_after_login));
    if (administrator) result.push_back("QUOTASET"); // RFC 9208 §4.1.3: SETQUOTA works
    return result;
}

bool is_capability(std::string_view name) {
    auto const is_it = [name](std::string_view capability) { return text::iequals(name, capability); };
    return std::ranges::any_of(capabilities_before_login(true, false, {}), is_it) ||
           std::ranges::any_of(auth_capabilities, is_it) || std::ranges::any_of(capabilities_after_login(true), is_it);
}

} // namespace postern::imap
