# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
# Horizontal bars as SVG 1.1, for dark and for light pages.
#
#     chart(title => '...', unit => 'requests a second',
#         series => ['HTTP/1.1', 'HTTP/2'], rows => [[name, 12, 34], ...]);
package Bench::Chart;
use strict;
use warnings;

use Exporter   qw(import);
use List::Util qw(max);

use Bench::Report qw(number);

our @EXPORT_OK = qw(chart);

my ($WIDTH, $NAMES, $FIGURES) = (760, 230, 70);
my ($BAR, $GAP, $TOP) = (11, 10, 62);
my @CLASSES = qw(a b);

sub escaped {
    my ($text) = @_;
    my %is = ('&' => '&amp;', '<' => '&lt;', '>' => '&gt;');
    return $text =~ s/([&<>])/$is{$1}/gr;
}

sub bar {
    my ($class, $y, $value, $most) = @_;
    my $length = ($WIDTH - $NAMES - $FIGURES) * $value / $most;
    return sprintf qq{<rect class="%s" x="%d" y="%d" width="%.1f" height="%d"/>}
        . qq{<text class="n" x="%.1f" y="%d">%s</text>\n},
        $class, $NAMES, $y, max(1, $length), $BAR - 1, $NAMES + $length + 4,
        $y + $BAR - 2, number($value);
}

sub legend {
    my ($series) = @_;
    my $x = $NAMES;
    my $text = '';
    for my $i (0 .. $#$series) {
        $text .= sprintf qq{<rect class="%s" x="%d" y="38" width="10" height="10"/>}
            . qq{<text x="%d" y="47">%s</text>\n}, $CLASSES[$i], $x, $x + 15,
            escaped($series->[$i]);
        $x += 170;
    }
    return $text;
}

sub chart {
    my (%of) = @_;
    my @rows = @{ $of{rows} };
    my $most = max map { @$_[1 .. $#$_] } @rows;
    my $step = $BAR * @{ $of{series} } + $GAP;
    my $height = $TOP + $step * @rows;
    my $bars = '';
    for my $i (0 .. $#rows) {
        my ($name, @values) = @{ $rows[$i] };
        my $y = $TOP + $i * $step;
        $bars .= sprintf qq{<text class="l" x="%d" y="%d">%s</text>\n},
            $NAMES - 8, $y + $BAR * @values / 2 + 4, escaped($name);
        $bars .= bar($CLASSES[$_], $y + $_ * $BAR, $values[$_], $most)
            for 0 .. $#values;
    }
    return <<"END" . legend($of{series}) . $bars . "</svg>\n";
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 $WIDTH $height" role="img" aria-label="@{[escaped($of{title})]}">
<style>
text { font: 12px sans-serif; fill: #24292f }
.l { text-anchor: end }
.n { font-size: 10px }
.t { font-size: 15px; font-weight: bold }
.a { fill: #1f6feb }
.b { fill: #8957e5 }
\@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } }
</style>
<text class="t" x="8" y="22">@{[escaped($of{title})]}</text>
END
}

1;
