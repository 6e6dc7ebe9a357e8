#include "core/crypto.h"
#include "fixture.h"
#include "store/codec.h"

#include <functional>

using namespace postern;
using namespace postern::store;
using namespace postern::store::test;

namespace {

// One of each record, with every field set to something of its own.
AccountRecord account() {
    AccountRecord record;
    record.account.id = static_cast<AccountId>(7);
    record.account.login = "alice";
    record.account.verifier = {"salt", 4096, "stored", "server"};
    record.account.administrator = true;
    record.account.certificate = "serial";
    record.account.created = start;
    record.account.quota = {5'000'000, std::nullopt};
    record.vacated = static_cast<UidValidity>(1'700'000'001);
    return record;
}

MailboxRecord mailbox() {
    MailboxRecord record;
    Mailbox& m = record.mailbox;
    m.account = static_cast<AccountId>(7);
    m.id = static_cast<MailboxId>(9);
    m.name = "Entw\u00fcrfe";
    m.uid_validity = static_cast<UidValidity>(1'700'000'002);
    m.uid_next = Uid{300};
    m.highest_modseq = ModSeq{70'000};
    m.expunge_floor = ModSeq{5};
    m.first_recent = Uid{299};
    m.messages = 128;
    m.unseen = 3;
    m.deleted = 2;
    m.octets = 5'000'000'000;
    m.keywords = {"$Forwarded", "Work"};
    m.special_use = "\\Drafts";
    m.selectable = true;
    m.created = WallTime(std::chrono::seconds(-1));
    record.change_rows = 11;
    return record;
}

IndexRow index() {
    return {Uid{12}, static_cast<MessageId>(1000), ModSeq{69'999}, SystemFlags(17), 0x8000000000000001, start};
}

Change change() { return {ModSeq{4}, {Uid{1}, Uid{2}, Uid{3}}, {Uid{9}}, {Uid{100}, Uid{102}}}; }

MessageView message() {
    MessageView view;
    view.id = static_cast<MessageId>(1000);
    view.body = static_cast<BodyId>(1000);
    view.references = 2;
    view.size = 40'000;
    view.internal_date = start;
    view.envelope = "envelope";
    view.structure = "structure";
    view.search_texts = "texts";
    view.thread_keys = "keys";
    view.signature = "bits";
    return view;
}

MessageView message_behind_heading() {
    MessageView view = message();
    view.heading = {static_cast<MessageId>(998), 17};
    return view;
}

std::string from_hex(std::string_view hex) {
    std::string octets;
    for (std::size_t at = 0; at < hex.size(); at += 2)
        octets += static_cast<char>(std::stoi(std::string(hex.substr(at, 2)), nullptr, 16));
    return octets;
}

QueueItem queue_item() {
    QueueItem item;
    item.id = static_cast<QueueItemId>(55);
    item.message = static_cast<MessageId>(1000);
    item.owner = static_cast<AccountId>(7);
    item.reverse_path = "alice@office.lan";
    item.recipient = "carol@example.org";
    item.envelope_id = "id";
    item.return_content = "HDRS";
    item.wishes = {"NEVER", "rfc822;carol@example.org"};
    item.body_8bit = true;
    item.smtputf8 = true;
    item.attempts = 3;
    item.queued = start;
    item.size = 40'000;
    item.urgency = Urgency::bulk;
    item.held = true;
    item.since = LinkTime(std::chrono::seconds(500));
    item.next_attempt = LinkTime(std::chrono::seconds(900));
    item.cuts = 2;
    item.last_attempt = start;
    item.under_way = true;
    item.delay_told = true;
    item.last_reply = "451 4.3.0 later";
    item.flagged = true;
    item.withdrawn = true;
    item.transfer = {.priority = std::int8_t{-9},
                     .deliver_by = start,
                     .late_returns = true,
                     .late_told = true,
                     .trace = true,
                     .release = start,
                     .release_request = "for;60"};
    item.scheduled = true;
    return item;
}

Upstream upstream() {
    Upstream made;
    made.name = "provider";
    made.addresses = {"203.0.113.5", "2001:db8::/32"};
    made.login = "office";
    made.verifier = {"salt", 4096, "stored", "server"};
    made.certificate = "PEM";
    return made;
}

DnsName dns_name() { return {"printer.office.lan", {"3600 A 192.168.1.20", "60 TXT \"floor 2\""}}; }

FetchSource fetch_source() {
    FetchSource source;
    source.name = "provider";
    source.protocol = FetchProtocol::pop3;
    source.host = "pop.example.net";
    source.port = 995;
    source.security = RelaySecurity::starttls;
    source.authority = "PEM";
    source.login = "office";
    source.password = core::Secret(std::string_view("secret"));
    source.token = true;
    source.mailbox = "Archive";
    source.account = static_cast<AccountId>(7);
    source.sorted = true;
    source.sort_field = "X-For";
    source.keep_days = 30;
    source.mark_seen = true;
    source.interval = 900;
    return source;
}

FetchedMailbox fetched_mailbox() { return {"INBOX", static_cast<UidValidity>(1234), Uid{300}, Uid{17}}; }
Fetched fetched() { return {"id", "a mark", start}; }
FetchSource thin_source() {
    auto source = fetch_source();
    source.thin = 65536;
    return source;
}
Fetched fetched_stub() { return {"id", "a mark", start, MessageId{70}}; }
Stub stub() {
    Stub stub;
    stub.message = MessageId{70};
    stub.source = "provider";
    stub.id = "id";
    stub.size = 20'000'000;
    stub.places = {{MailboxId{3}, Uid{9}, true}, {MailboxId{4}, Uid{2}}};
    return stub;
}

Relay relay() {
    Relay relay;
    relay.name = "provider";
    relay.host = "smtp.example.net";
    relay.port = 465;
    relay.security = RelaySecurity::implicit_tls;
    relay.authority = "PEM";
    relay.login = "office";
    relay.password = core::Secret(std::string_view("secret"));
    relay.token = true;
    relay.domains = {"example.org", ".example.org"};
    relay.preference = 20;
    return relay;
}

Alias alias() { return {"sales@office.lan", {"alice@office.lan", "bob@example.org"}}; }

Alias alias_of_mailboxes() {
    return {"sales@office.lan", {"alice@office.lan"}, {static_cast<MailboxId>(300), static_cast<MailboxId>(9)}};
}

AuditRow audit_row() { return {8, start, "account add", "bob", std::string(32, 'x')}; }

Acl acl() {
    using enum core::Right;
    return {{anyone, lookup | read, {}}, {static_cast<AccountId>(7), expunge, Rights(300)}};
}

// decode(octets) as it is encoded again, or nothing where decode refused.
using Again = std::function<std::optional<std::string>(std::string_view)>;

template <typename Decode> Again again(Decode decode) {
    return [decode](std::string_view octets) -> std::optional<std::string> {
        auto const record = decode(octets);
        if (!record) return std::nullopt;
        if constexpr (requires { encode(*record); })
            return encode(*record);
        else
            return encode_text(*record);
    };
}

struct Fixture {
    char const* name;
    std::string encoded;
    Again decode;
    char const* written; // what this version writes: later ones must go on reading it
};

std::vector<Fixture> fixtures() {
    return {
        {"account", encode(account()), again([](auto o) { return decode_account(static_cast<AccountId>(7), o); }),
         "0105616c6963650473616c7480200673746f726564067365727665720180c49fd50c01c096b1020081e2cfaa060673657269616c"},
        {"mailbox", encode(mailbox()), again([](auto o) { return decode_mailbox(static_cast<MailboxId>(9), o); }),
         "010709456e7477c3bc72666582e2cfaa06ac02f0a20405ab028001030280e497d012020a24466f7277617264656404576f72"
         "6b075c44726166747301010b"},
        {"name", encode(NameRow{9, "Sent"}), again([](auto o) { return decode_name(o); }), "01090453656e74"},
        {"index", encode(index()), again([](auto o) { return decode_index(Uid{12}, o); }),
         "01e807efa204118180808080808080800180c49fd50c"},
        {"change", encode(change()), again([](auto o) { return decode_change(ModSeq{4}, o); }),
         "010201020209000464000000"},
        {"acl", encode(acl()), again([](auto o) { return decode_acl(o); }), "0102000300078004ac02"},
        {"message", encode(message()), again([](auto o) { return decode_message(static_cast<MessageId>(1000), o); }),
         "0102c0b80280c49fd50c050404080974657874736b65797362697473656e76656c6f7065737472756374757265"},
        {"message behind a heading", encode(message_behind_heading()),
         again([](auto o) { return decode_message(static_cast<MessageId>(1000), o); }),
         "02e6071102c0b80280c49fd50c050404080974657874736b65797362697473656e76656c6f7065737472756374757265"},
        {"reference", encode(Reference{300}), again([](auto o) { return decode_reference(o); }), "01ac02"},
        {"garbage", encode(Garbage{GarbageState::spooling, 777}), again([](auto o) { return decode_garbage(o); }),
         "01018906"},
        {"queue", encode(queue_item()),
         again([](auto o) { return decode_queue_item(static_cast<QueueItemId>(55), o); }),
         "03e8070710616c696365406f66666963652e6c616e116361726f6c406578616d706c652e6f72670269640448445253054e45"
         "564552187266633832323b6361726f6c406578616d706c652e6f7267010001c0b802020180c49fd50cf4038407030280c49fd50c"
         "01010f34353120342e332e30206c61746572010101f780c49fd50c01010180c49fd50c06666f723b363001"},
        {"relay", encode(relay()), again([](auto o) { return decode_relay("provider", o); }),
         "0110736d74702e6578616d706c652e6e6574d103010350454d066f66666963650673656372657401020b6578616d706c652e"
         "6f72670c2e6578616d706c652e6f726714"},
        {"upstream", encode(upstream()), again([](auto o) { return decode_upstream("provider", o); }),
         "01020b3230332e302e3131332e350d323030313a6462383a3a2f3332066f66666963650473616c7480200673746f72656406736572766"
         "5720350454d"},
        {"dns name", encode(dns_name()), again([](auto o) { return decode_dns_name("printer.office.lan", o); }),
         "010213333630302041203139322e3136382e312e3230103630205458542022666c6f6f72203222"},
        {"fetch source", encode(fetch_source()), again([](auto o) { return decode_fetch_source("provider", o); }),
         "01020f706f702e6578616d706c652e6e6574e307020350454d066f666669636506736563726574010741726368697665070105582d466"
         "f72"
         "011e018407"},
        {"fetched mailbox", encode(fetched_mailbox()), again([](auto o) { return decode_fetched_mailbox(o); }),
         "0105494e424f58d209ac0211"},
        {"fetched", encode(fetched()), again([](auto o) { return decode_fetched("id", o); }),
         "010661206d61726b80c49fd50c"},
        {"thin fetch source", encode(thin_source()), again([](auto o) { return decode_fetch_source("provider", o); }),
         "02020f706f702e6578616d706c652e6e6574e307020350454d066f666669636506736563726574010741726368697665070105582d466"
         "f72011e018407808004"},
        {"fetched stub", encode(fetched_stub()), again([](auto o) { return decode_fetched("id", o); }),
         "020661206d61726b80c49fd50c46"},
        {"stub", encode(stub()), again([](auto o) { return decode_stub(MessageId{70}, o); }),
         "010870726f766964657202696480dac40902030901040200"},
        {"entry", encode(Entry{"/shared/comment", "x"}), again([](auto o) { return decode_entry(o); }),
         "010f2f7368617265642f636f6d6d656e740178"},
        {"alias", encode(alias()), again([](auto o) { return decode_alias("sales@office.lan", o); }),
         "010210616c696365406f66666963652e6c616e0f626f62406578616d706c652e6f7267"},
        {"alias of mailboxes", encode(alias_of_mailboxes()),
         again([](auto o) { return decode_alias("sales@office.lan", o); }),
         "010310616c696365406f66666963652e6c616e042f333030022f39"},
        {"audit", encode(audit_row()), again([](auto o) { return decode_audit(8, o); }),
         "0180c49fd50c0b6163636f756e742061646403626f6220787878787878787878787878787878787878787878787878787878"
         "7878787878"},
        {"text", encode_text("a value"), again([](auto o) { return decode_text(o); }), "0107612076616c7565"},
    };
}

} // namespace

TEST_GROUP(StoreCodec){};

TEST(StoreCodec, what_released_versions_read_is_written_and_read) {
    for (Fixture const& fixture : fixtures()) {
        STRCMP_EQUAL_TEXT(fixture.written, core::to_hex(fixture.encoded).c_str(), fixture.name);
        auto const back = fixture.decode(fixture.encoded);
        CHECK_TEXT(back && *back == fixture.encoded, fixture.name);
    }
}

TEST(StoreCodec, every_field_comes_back) {
    auto const a = decode_account(static_cast<AccountId>(7), encode(account()));
    CHECK(a && a->account.id == account().account.id && a->account.login == "alice" && a->account.administrator);
    CHECK(a->account.verifier.salt == "salt" && a->account.verifier.iterations == 4096);
    CHECK(a->account.certificate == "serial");
    CHECK(a->account.created == start && a->vacated == account().vacated);
    CHECK(a->account.quota.octets == 5'000'000 && !a->account.quota.messages);
    auto const m = decode_mailbox(static_cast<MailboxId>(9), encode(mailbox()));
    CHECK(m && m->mailbox.name == mailbox().mailbox.name && m->mailbox.octets == 5'000'000'000);
    CHECK(m->mailbox.keywords == mailbox().mailbox.keywords && m->mailbox.created == mailbox().mailbox.created);
    CHECK(m->mailbox.expunge_floor == ModSeq{5} && m->mailbox.first_recent == Uid{299} && m->change_rows == 11);
    auto const i = decode_index(Uid{12}, encode(index()));
    CHECK(i && i->uid == Uid{12} && i->message == index().message && i->modseq == index().modseq);
    CHECK(i->flags == index().flags && i->keywords == index().keywords && i->saved == start && !i->filed);
    IndexRow filed = index();
    filed.filed = true;
    auto const f = decode_index(Uid{12}, encode(filed));
    CHECK(f && f->filed && !f->stub && f->flags == filed.flags);
    IndexRow of_stub = index();
    of_stub.stub = true;
    auto const u = decode_index(Uid{12}, encode(of_stub));
    CHECK(u && u->stub && !u->filed && u->flags == of_stub.flags);
    auto const c = decode_change(ModSeq{4}, encode(change()));
    CHECK(c && c->added == change().added && c->changed == change().changed && c->expunged == change().expunged);
    auto const l = decode_acl(encode(acl()));
    CHECK(l && l->size() == 2 && l->back().who == acl().back().who && l->back().granted == acl().back().granted);
    CHECK(l->back().denied == acl().back().denied && l->front().who == anyone);
    auto const q = decode_queue_item(static_cast<QueueItemId>(55), encode(queue_item()));
    CHECK(q && q->wishes == queue_item().wishes && q->last_reply == queue_item().last_reply && q->attempts == 3);
    CHECK(q->next_attempt == queue_item().next_attempt && q->since == queue_item().since && q->queued == start);
    CHECK(q->body_8bit && !q->body_binary && q->smtputf8 && q->size == 40'000 && q->urgency == Urgency::bulk);
    CHECK(q->flagged && q->withdrawn && q->scheduled && q->transfer == queue_item().transfer);
    CHECK(q->cuts == 2 && q->held && q->under_way && q->delay_told && q->last_attempt == start);
    auto const up = decode_upstream("provider", encode(upstream()));
    CHECK(up && up->name == "provider" && up->addresses == upstream().addresses && up->login == "office");
    CHECK(up->verifier.salt == "salt" && up->verifier.iterations == 4096 && up->verifier.stored_key == "stored");
    CHECK(up->verifier.server_key == "server" && up->certificate == "PEM");
    CHECK(decode_dns_name("printer.office.lan", encode(dns_name())) == dns_name());
    CHECK(!decode_dns_name("printer.office.lan", encode(DnsName{"printer.office.lan", {}})));
    auto const s = decode_fetch_source("provider", encode(fetch_source()));
    CHECK(s && s->name == "provider" && s->protocol == FetchProtocol::pop3 && s->host == fetch_source().host);
    CHECK(s->port == 995 && s->security == RelaySecurity::starttls && s->authority == "PEM" && s->login == "office");
    CHECK(s->password == fetch_source().password && s->token && s->mailbox == "Archive");
    CHECK(s->account == fetch_source().account && s->sorted && s->sort_field == "X-For" && s->keep_days == 30);
    for (auto const protocol : {FetchProtocol::etrn, FetchProtocol::atrn}) {
        FetchSource keeper = fetch_source();
        keeper.protocol = protocol;
        CHECK(decode_fetch_source("keeper", encode(keeper)).value().protocol == protocol);
    }
    FetchSource unknown = fetch_source();
    unknown.protocol = FetchProtocol{5};
    CHECK(!decode_fetch_source("unknown", encode(unknown)));
    CHECK(s->mark_seen && s->interval == 900);
    auto const b = decode_fetched_mailbox(encode(fetched_mailbox()));
    CHECK(b && b->place == "INBOX" && b->uid_validity == fetched_mailbox().uid_validity);
    CHECK(b->settled == Uid{300} && b->doubtful == Uid{17});
    CHECK(decode_fetched("id", encode(fetched())) == fetched());
    CHECK(!s->thin && decode_fetch_source("provider", encode(thin_source()))->thin == 65536);
    CHECK(decode_fetched("id", encode(fetched_stub())) == fetched_stub());
    auto const t = decode_stub(MessageId{70}, encode(stub()));
    CHECK(t && t->source == "provider" && t->id == "id" && t->size == 20'000'000 && t->places == stub().places);
    CHECK(t->asked());
    auto const r = decode_relay("provider", encode(relay()));
    CHECK(r && r->name == "provider" && r->host == relay().host && r->port == 465 && r->preference == 20);
    CHECK(r->security == RelaySecurity::implicit_tls && r->authority == "PEM" && r->domains == relay().domains);
    CHECK(r->login == "office" && r->password == relay().password && r->token);
    auto const w = decode_audit(8, encode(audit_row()));
    CHECK(w && w->sequence == 8 && w->event == "account add" && w->before == audit_row().before);
}

TEST(StoreCodec, a_queue_item_from_before_the_links_time_is_read) {
    auto const item = decode_queue_item(
        static_cast<QueueItemId>(55),
        from_hex("01e8070710616c696365406f66666963652e6c616e116361726f6c406578616d706c652e6f72670269640448445253054e45"
                 "564552187266633832323b6361726f6c406578616d706c652e6f726701010380c49fd50ca0fc9fd50c0f34353120342e332e"
                 "30206c61746572"));
    CHECK(item && item->message == queue_item().message && item->recipient == queue_item().recipient);
    CHECK(item->wishes == queue_item().wishes && item->attempts == 3 && item->queued == start);
    CHECK(item->last_reply == queue_item().last_reply && item->body_8bit && item->smtputf8 && !item->held);
    CHECK(item->next_attempt == LinkTime{} && item->since == LinkTime{}); // to be tried at once
}

TEST(StoreCodec, a_queue_item_from_before_its_sender_could_change_it_is_read) {
    auto const item = decode_queue_item(
        static_cast<QueueItemId>(55),
        from_hex(
            "02e8070710616c696365406f66666963652e6c616e116361726f6c406578616d706c652e6f72670269640448445253054e45"
            "564552187266633832323b6361726f6c406578616d706c652e6f7267010001c0b802020180c49fd50cf4038407030280c49fd5"
            "0c01010f34353120342e332e30206c61746572"));
    CHECK(item && item->last_reply == queue_item().last_reply && item->held && !item->flagged && !item->withdrawn);
}

TEST(StoreCodec, an_alias_leads_to_addresses_and_then_to_mailboxes) {
    auto const alias = decode_alias("sales@office.lan", encode(alias_of_mailboxes()));
    CHECK(alias && alias->targets == alias_of_mailboxes().targets &&
          alias->mailboxes == alias_of_mailboxes().mailboxes);
    CHECK(!decode_alias("x", std::string("\1\2\2/9\1a", 7)));
    // An address has an "@" somewhere.
    CHECK(decode_alias("x", std::string("\1\1\4/9@a", 7))->targets.front() == "/9@a");
}

TEST(StoreCodec, what_is_cut_or_longer_is_refused) {
    for (Fixture const& fixture : fixtures()) {
        for (std::size_t size = 0; size < fixture.encoded.size(); ++size)
            CHECK_TEXT(!fixture.decode(std::string_view(fixture.encoded).substr(0, size)), fixture.name);
        CHECK_TEXT(!fixture.decode(fixture.encoded + '\0'), fixture.name);
    }
}

TEST(StoreCodec, an_access_control_list_names_each_account_once_with_rights_that_there_are) {
    CHECK(decode_acl(std::string("\x01\x01\x07\x01\x00", 5)).has_value());
    CHECK(!decode_acl(std::string("\x01\x01\x07\x00\x00", 5)));                          // says nothing
    CHECK(!decode_acl(std::string("\x01\x01\x07\x80\x10\x00", 6)));                      // a right that there is not
    CHECK(!decode_acl(std::string("\x01\x02\x07\x01\x00\x07\x02\x00", 8)));              // twice
    CHECK(!decode_acl(std::string("\x01\x02\x07\x01\x00\x03\x02\x00", 8)));              // out of order
    CHECK(!decode_acl(std::string("\x01\xff\xff\xff\xff\xff\xff\xff\xff\x7f\x07", 11))); // more than there is
}

TEST(StoreCodec, an_unknown_version_is_refused) {
    for (Fixture const& fixture : fixtures())
        for (char const version : {'\0', '\4', '\xff'}) {
            std::string octets = fixture.encoded;
            octets[0] = version;
            CHECK_TEXT(!fixture.decode(octets), fixture.name);
        }
}

TEST(StoreCodec, any_single_octet_may_be_wrong) {
    for (Fixture const& fixture : fixtures())
        for (std::size_t at = 0; at < fixture.encoded.size(); ++at)
            for (int value = 0; value < 256; ++value) {
                std::string octets = fixture.encoded;
                octets[at] = static_cast<char>(value);
                auto const back = fixture.decode(octets);
                CHECK_TEXT(!back || *back == octets, fixture.name); // refused, or exactly what was there
            }
}

TEST(StoreCodec, a_count_larger_than_the_record_takes_no_memory) {
    CHECK(!decode_alias("x", std::string("\1\xff\xff\xff\xff\xff\xff\xff\xff\xff\1", 11)));
    CHECK(!decode_alias("x", std::string("\1\xff\xff\xff\x7f", 5)));
    CHECK(!decode_text(std::string("\1\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 10)));
}

TEST(StoreCodec, a_mailbox_has_sixty_four_keywords_at_most) {
    auto record = mailbox();
    record.mailbox.keywords.assign(64, "k");
    CHECK(decode_mailbox(record.mailbox.id, encode(record)).has_value());
    record.mailbox.keywords.emplace_back("k");
    CHECK(!decode_mailbox(record.mailbox.id, encode(record)));
}
