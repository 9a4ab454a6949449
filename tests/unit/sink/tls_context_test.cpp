// What connections of an output share over TLS, and what collectors they believe.
#include "sink/tls_context.h"

#include "network_fixture.h"

namespace sorrel::sink {
namespace {

using Catch::Matchers::Contains;

asio::awaitable<void> listen(std::shared_ptr<LoopbackServer::Connection> connection) {
  static_cast<void>(co_await connection->drain());
}

struct TlsFixture : NetworkFixture {
  TlsFixture() {
    trust(root);
    server.use(good);
    options.addresses = {server.address()};
    server.start();
  }
  std::string load_failure() const {
    const auto made = TlsContext::load(options.tls);
    return made ? "none" : made.error().message;
  }
  void use_certificate(const TestCertificate& certificate) {
    options.tls.cert = write("host.pem", certificate.certificate);
    options.tls.key = write("host.key", certificate.key);
  }

  TestAuthority root{"a root"};
  TestAuthority between{"an authority between", &root};
  TestCertificate good = root.issue("server");
  LoopbackServer server{context, listen};
};

}  // namespace

TEST_CASE_METHOD(TlsFixture, "tls: a collector of our authority is believed", "[tls]") {
  CHECK(failure() == "none");
}

TEST_CASE_METHOD(TlsFixture, "tls: a chain with an authority between is believed", "[tls]") {
  server.use(between.issue("server"), between.certificate());
  CHECK(failure() == "none");
}

TEST_CASE_METHOD(TlsFixture, "tls: collectors that are not believed, and why", "[tls]") {
  SECTION("of a stranger's authority") {
    TestAuthority rogue("a rogue");
    server.use(rogue.issue("server"));
    CHECK_THAT(failure(), Contains("not of an authority in tls.ca"));
  }
  SECTION("expired") {
    server.use(root.issue("server", -1));
    CHECK_THAT(failure(), Contains("the collector's certificate has expired"));
  }
  SECTION("of another name") {
    server.use(root.issue("server", 2, "other.example"));
    CHECK_THAT(failure(), Contains("for another name"));
  }
  SECTION("of another name than the configured one") {
    options.tls.server_name = "other.example";
    CHECK_THAT(failure(), Contains("for another name"));
  }
  SECTION("one that wants our certificate") {
    server.use(good, "", root.certificate());
    // In TLS 1.3 it says so after the handshake.
    auto stream = connect();
    REQUIRE(stream);
    std::array<char, 8> bytes;
    const auto got = run((*stream)->read_some(bytes, std::chrono::seconds(5)));
    REQUIRE_FALSE(got);
    CHECK_THAT(got.error().message, Contains("the collector wants a certificate of ours"));
  }
}

TEST_CASE_METHOD(TlsFixture, "tls: only pinned certificates are believed", "[tls]") {
  SECTION("the right one") {
    options.tls.fingerprints = {root.issue("standby").fingerprint, good.fingerprint};
    CHECK(failure() == "none");
  }
  SECTION("another one") {
    options.tls.fingerprints = {root.issue("standby").fingerprint};
    CHECK_THAT(failure(), Contains("none of tls.fingerprints; it is " + good.fingerprint));
  }
  SECTION("also when a session is taken up again") {
    options.tls.fingerprints = {good.fingerprint};
    for (int i = 0; i < 2; ++i) {
      auto stream = connect();
      REQUIRE(stream);
      static_cast<void>(run((*stream)->close(std::chrono::seconds(5))));
    }
  }
  SECTION("what is no fingerprint") {
    options.tls.fingerprints = {"abcd"};
    CHECK_THAT(load_failure(), Contains("not the 64 hex digits"));
  }
}

TEST_CASE_METHOD(TlsFixture, "tls: revoked certificates, of the whole chain", "[tls]") {
  const auto lists = [&](const std::vector<long>& of_root, const std::vector<long>& of_between) {
    options.tls.crl =
        write("crl.pem", root.revocation_list(of_root) + between.revocation_list(of_between));
  };
  const TestCertificate leaf = between.issue("server");
  server.use(leaf, between.certificate());
  SECTION("none is") {
    lists({1}, {2});
    CHECK(failure() == "none");
  }
  SECTION("the collector's is") {
    lists({}, {leaf.serial});
    CHECK_THAT(failure(), Contains("has been revoked"));
  }
  SECTION("that of the authority between is") {
    lists({between.serial()}, {});
    CHECK_THAT(failure(), Contains("an authority between, has been revoked"));
  }
  SECTION("an authority's list is missing") {
    options.tls.crl = write("crl.pem", between.revocation_list({}));
    CHECK_THAT(failure(), Contains("tls.crl has no list of each authority"));
  }
}

TEST_CASE_METHOD(TlsFixture, "tls: files that cannot be used are named", "[tls]") {
  const TestCertificate ours = root.issue("host");
  use_certificate(ours);
  REQUIRE(load_failure() == "none");
  SECTION("no authorities") {
    options.tls.ca = folder / "missing.pem";
    CHECK_THAT(load_failure(), Contains("cannot read the authorities' file " + options.tls.ca));
  }
  SECTION("authorities that are no PEM") {
    write("ca.pem", "nonsense");
    CHECK_THAT(load_failure(), Contains("the authorities' file " + options.tls.ca));
  }
  SECTION("a list that is no PEM") {
    options.tls.crl = write("crl.pem", "nonsense");
    CHECK_THAT(load_failure(), Contains("the list of revoked certificates " + options.tls.crl));
  }
  SECTION("a certificate without a key") {
    options.tls.key.clear();
    CHECK_THAT(load_failure(), Contains("tls.cert and tls.key go together"));
  }
  SECTION("another certificate's key") {
    write("host.key", root.issue("host").key);
    CHECK_THAT(load_failure(), Contains("is not that of the certificate"));
  }
  SECTION("an expired certificate") {
    use_certificate(root.issue("host", -1));
    CHECK_THAT(load_failure(), Contains("our certificate " + options.tls.cert + " has expired"));
  }
}

TEST_CASE_METHOD(TlsFixture, "tls: it is known when our certificate ends", "[tls]") {
  REQUIRE(TlsContext::load(options.tls));
  CHECK_FALSE((*TlsContext::load(options.tls))->ends_s());
  use_certificate(root.issue("host", 7));
  const auto ends_s = (*TlsContext::load(options.tls))->ends_s();
  REQUIRE(ends_s);
  CHECK(*ends_s - std::time(nullptr) <= 7 * 86'400);
  CHECK(*ends_s - std::time(nullptr) > 7 * 86'400 - 60);
}

TEST_CASE_METHOD(TlsFixture, "tls: new files are used for new connections", "[tls]") {
  namespace fs = std::filesystem;
  for (const char* const generation : {"1", "2"}) {
    fs::create_directory(folder / generation);
    const TestCertificate made = root.issue("host");
    write(std::string(generation) + "/host.pem", made.certificate);
    write(std::string(generation) + "/host.key", made.key);
  }
  fs::create_directory_symlink("1", folder / "now");
  options.tls.cert = folder / "now/host.pem";
  options.tls.key = folder / "now/host.key";
  auto contexts = TlsContexts::create("central", options.tls);
  REQUIRE(contexts);
  const auto before = (*contexts)->current();
  (*contexts)->refresh();
  CHECK((*contexts)->current() == before);
  SECTION("after the swap of a symbolic link") {
    fs::create_directory_symlink("2", folder / "next");
    fs::rename(folder / "next", folder / "now");
    (*contexts)->refresh();
    CHECK((*contexts)->current() != before);
    CHECK(before->is_replaced());
    CHECK((*contexts)->trouble().empty());
  }
  SECTION("but the old ones as long as the new cannot be") {
    write("1/host.key", "half writ");
    (*contexts)->refresh();
    CHECK((*contexts)->current() == before);
    CHECK_FALSE(before->is_replaced());
    CHECK_THAT((*contexts)->trouble(), Contains("host.key"));
    fs::copy(folder / "2/host.pem", folder / "1/host.pem", fs::copy_options::overwrite_existing);
    fs::copy(folder / "2/host.key", folder / "1/host.key", fs::copy_options::overwrite_existing);
    (*contexts)->refresh();
    CHECK((*contexts)->current() != before);
    CHECK((*contexts)->trouble().empty());
  }
}

}  // namespace sorrel::sink
