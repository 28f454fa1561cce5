# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# The remote CAPTCHA providers on a live portal, each mounted at its own path
# against a fake provider over HTTPS: who is let in, and that nobody is when
# the provider cannot be asked.
use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use Test::More;

use CaptchaProvider;
use ClinicTest;
use Fixture qw(world save $PASSWORD);

my %field_of = (recaptcha => 'g-recaptcha-response',
    hcaptcha => 'h-captcha-response', turnstile => 'cf-turnstile-response');
my %sources_of = (
    recaptcha => [qw(https://www.google.com/recaptcha/
        https://www.gstatic.com/recaptcha/)],
    hcaptcha => [qw(https://hcaptcha.com https://*.hcaptcha.com)],
    turnstile => [qw(https://challenges.cloudflare.com)]);

my $fake = CaptchaProvider->start;
my $secret = "$fake->{dir}/portal-secret";

sub mount {
    my ($path, $provider, $more) = @_;
    return <<"END";
<Location /$path>
    Require all granted
    ClinicPortal On
    ClinicPortalCaptcha $provider
$more</Location>
END
}

sub mounts {
    my $closed = ClinicTest::free_port();
    return <<"END" . join '', map { mount($_, $_, '') } qw(hcaptcha turnstile);
LogLevel notice clinicportal:trace8
ClinicPortalSecret file:$secret
ClinicPortalRequireTLS Off
@{[$fake->conf]}
@{[mount('dead', 'hcaptcha', "    ClinicPortalCaptchaVerifyURL"
    . " https://localhost:$closed/siteverify\n")]}
@{[mount('untrusted', 'hcaptcha', "    ClinicPortalCaptchaCAFile"
    . " $fake->{stranger}\n")]}
END
}

# A browser of the portal mounted at that path.
sub browser_at {
    my ($portal, $path) = @_;
    my $other = bless { %$portal, base => "/$path", owner => 0 }, 'ClinicTest';
    return $other->browser;
}

sub try_token {
    my ($portal, $path, $token, %change) = @_;
    my $browser = browser_at($portal, $path);
    my $page = $browser->get('/index.aspx?clinicID=RIVERSIDE&LoginType=Staff');
    my $fields = Browser::form_fields($page->{content}, '/login');
    my $field = $field_of{$path} // 'h-captcha-response';
    return $browser->post('/login', { %$fields, username => 'DoeJ',
        password => $PASSWORD, defined $token ? ($field => $token) : (),
        %change });
}

my @refusals = (
    ['nonsense', 403], ['', 403], [undef, 403],
    (map { ["fail:$_", 403] } qw(missing-input-response
        invalid-input-response timeout-or-duplicate expired-input-response
        already-seen-response invalid-or-already-seen-response
        something-new)),
    (map { ["fail:$_", 503, 'CP0511'] } qw(missing-input-secret
        invalid-input-secret sitekey-secret-mismatch
        not-using-dummy-passcode not-using-dummy-secret invalid-sitekey
        missing-remoteip invalid-remoteip)),
    (map { ["fail:$_", 503, 'CP0512'] } qw(bad-request internal-error)),
    ['host:evil.example', 403], ['host:', 403],
    ['host:localhost.evil.example', 403], ['old', 403],
    ['string-true', 503, 'CP0512'], ['number-one', 503, 'CP0512'],
    ['not-json', 503, 'CP0512'], ['duplicate-keys', 503, 'CP0512'],
    ['http-500', 503, 'CP0512'],
    ['truncated', 503, 'CP0513'], ['huge', 503, 'CP0513'],
    ['redirect', 503, 'CP0513']);

sub check_refused {
    my ($portal, $answer, $what, $status, $tag) = @_;
    is($answer->{status}, $status, "$what is refused");
    my $alert = Browser::alert_of($answer);
    ok(!grep({ /session|clinicportal-staff/ }
        map { ref ? @$_ : $_ // () } $answer->{headers}{'set-cookie'}),
        'with no session');
    like($answer->{content}, qr/value="DoeJ"/, 'and the name kept');
    if ($status == 403) {
        like($alert, qr/^ ?Invalid CAPTCHA/, 'as an invalid CAPTCHA');
        return;
    }
    like($answer->{headers}{'retry-after'} // '', qr/^\d+$/,
        'with Retry-After');
    my ($reference) = $alert =~ /(\w{4}-\w{4})/;
    ok($portal->log_text =~ /\b$tag:.*\Q$reference\E/,
        "$tag bears the reference shown");
    return;
}

sub check_provider {
    my ($portal, $provider) = @_;
    my $browser = browser_at($portal, $provider);
    my $page =
        $browser->get('/index.aspx?clinicID=RIVERSIDE&LoginType=Staff');
    my $policy = $page->{headers}{'content-security-policy'};
    like($page->{content}, qr/data-sitekey="the-site-key"/,
        "$provider: the box has the site key");
    for my $of (sort keys %sources_of) {
        for my $source (@{ $sources_of{$of} }) {
            is(index($policy, $source) >= 0, $of eq $provider,
                "$provider: $source in the policy or not");
        }
    }
    unlike($browser->get('/help')->{headers}{'content-security-policy'},
        qr{https://}, "$provider: other pages allow nobody else");
    is($browser->get('/captcha/challenge?clinicID=RIVERSIDE')->{status}, 404,
        "$provider: there is no ALTCHA challenge");

    is(try_token($portal, $provider, 'pass')->{status}, 303,
        "$provider: who passes is in");
    is(try_token($portal, $provider, 'host:PORTAL.example')->{status}, 303,
        "$provider: another host name of ours");
    check_refused($portal, try_token($portal, $provider, $_->[0]),
        "$provider: " . ($_->[0] // 'nothing'), @$_[1, 2]) for @refusals;
    my $before = $fake->count;
    check_refused($portal, try_token($portal, 'turnstile', 'X' x 2049),
        'a token longer than theirs', 403);
    is(try_token($portal, $provider, 'X' x 16_384)->{status}, 413,
        "$provider: a huge token");
    is($fake->count, $before, "$provider: neither is sent on");
    my ($other) = grep { $_ ne $provider } sort keys %field_of;
    check_refused($portal, try_token($portal, $provider, undef,
        $field_of{$other} => 'pass'), "$provider: $other\'s field", 403);
    is(try_token($portal, $provider, 'action:comment')->{status},
        $provider eq 'turnstile' ? 403 : 303,
        "$provider: another form's answer");
    return;
}

sub check_unreachable {
    my ($portal) = @_;
    check_refused($portal, try_token($portal, 'hcaptcha', 'slow:5'),
        'an answer that comes too late', 503, 'CP0513');
    check_refused($portal, try_token($portal, 'dead', 'pass'),
        'a dead provider', 503, 'CP0513');
    my $before = $fake->count;
    check_refused($portal, try_token($portal, 'untrusted', 'pass'),
        'a provider nobody vouches for', 503, 'CP0513');
    is($fake->count, $before, 'which is told nothing');
    return;
}

sub check_what_was_sent {
    my ($portal) = @_;
    my @sent = $fake->sent;
    is_deeply([grep { $_->{path} ne '/siteverify' || $_->{method} ne 'POST' }
        @sent], [], 'only posts, no redirect followed');
    is_deeply([grep { $_->{fields}{secret} ne
        'sha256:' . sha256_hex($CaptchaProvider::SECRET) } @sent], [], 'with the secret');
    is_deeply([grep { $_->{fields}{remoteip} ne '127.0.0.1' } @sent], [],
        'and the address');
    is_deeply([grep { exists $_->{fields}{password} } @sent], [],
        'and nothing of the form');
    my $log = $portal->log_text;
    is(index($log, $CaptchaProvider::SECRET), -1, 'the secret is not in the log');
    is(index($log, $PASSWORD), -1, 'nor the password');
    ok($log !~ /DoeJ|already-seen-response:|XXXX|S{48}/,
        'nor what was typed, nor the portal\'s own secret');
    return;
}

Fixture::write_file($secret, 'S' x 48);
chmod 0600, $secret or die "$secret: $!";
$ENV{NO_PROXY} = $ENV{no_proxy} = '*';

on_each_database(sub {
    my ($portal) = @_;
    $portal->claim(qw(CP0511 CP0512 CP0513));
    check_provider($portal, $_) for sort keys %field_of;
    check_unreachable($portal);
    check_what_was_sent($portal);
}, data => save(world()), base => '/recaptcha', server_conf => mounts(),
    conf => "    ClinicPortalCaptcha recaptcha\n");

done_testing;
