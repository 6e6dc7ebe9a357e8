// The commands of RFC 4314 §3, by which a mailbox's access control list is read and changed.
//
// - Identifiers are logins, in every form that LOGIN takes, and "anyone"; each may stand after a dash.
// - The owner of a mailbox keeps all rights, as do administrators to what belongs to the office: no list changes that.
#pragma once

#include "imap/session.h"

namespace postern::imap {

asio::awaitable<Answer> set_acl(Session& session, wire::imap::SetAcl& command);
asio::awaitable<Answer> delete_acl(Session& session, wire::imap::DeleteAcl& command);
asio::awaitable<Answer> get_acl(Session& session, wire::imap::GetAcl& command);
asio::awaitable<Answer> list_rights(Session& session, wire::imap::ListRights& command);
asio::awaitable<Answer> my_rights(Session& session, wire::imap::MyRights& command);

} // namespace postern::imap
