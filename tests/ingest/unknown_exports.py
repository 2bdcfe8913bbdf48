"""Made-up exports in shapes that real ones have, which no shipped profile fits as they are."""

MISTYPED = """\
Patient;Analyt;Rezult;Unti;Norm
S1;HVA;2,5;mg/g Krea;< 8,0
S1;Dopamien;130,2;ug/g Krea;65 - 400
S2;VMA;<0,8;mg/g Krea;1,8 - 6,7
S2;NA;30;ug/g Krea;15 - 80
"""
GERMAN_LIMS = """\
Sample report LIMS 4.2;;;;;
Proben-ID;Datum;Dopamin;HVA (mg/g Krea);5-HIES;Bemerkung
;;µg/24h;;µmol/mol Krea;
007;03.04.2024;1.234,5;<0,8;QNS;Wdh.
007;03.04.2024;1.198,0 ±5 %;0,9*;12,5;Wiederholung von 007
008;13.4.24;> 3.000;1,1;≤ 2;
* oberhalb Referenz
"""
NEUROTRANSMITTERS = """\
Neurotransmitter profile,,,,,,,
second morning void,,,,,,,
Order,Patient,Date Collected,Analyte,Result,Unit per Creatinine,WRI,Reference Interval
A1,S1,03/25/2024,Norepinephrine (NE),41.3 (H),ug/g Cr,,11.0 - 34.0
A1,S1,03/25/2024,5-HIAA,"1,530.0",ug/g Cr,X,600 – 3500
A1,S1,03/25/2024,Epinephrine,<0.20*,mcg/g Cr,,0.8 – 4.5
A1,S1,03/25/2024,Taurine,QNS,umol/g Cr,,<= 600
"""
OAT = """\
Client	Marker	Reference Range	Patient Value (mmol/mol creatinine)
S1	HVA	0.49 - 13	15
S1	VMA	0.72 - 6.4	1.5
S1	Quinolinic	0.85 - 3.9	2.6
"""
STEROIDS = """\
Accession|Category|Test|Result|Units|Normal Range|Collection|When
9|Free|Cortisol|11.2|ng/mg creatinine|10 - 50|waking|2016-10-01 06:05AM
9|Free|Cortisol|<3.0|ng/mg creatinine|30-130|morning|2016-10-01 08:01AM
9|Free|Cortisone|40|ng/mg creatinine|20 - 90|night|2016-10-01 10:30PM
"""
DRIED = """\
PATIENT;TEST NAME;RESULTS;DATE;RANGE
S1;Norepinephrine;18.2;03/25/2024;10.5-24.9
S1;Dopamine;140;03/25/2024;110-200
S2;Serotonin;61.5;03/26/2024;46-92
"""
# Day and month stand first in equal right.
UNDATED = "Patient,Collected,HVA (mg/g Cr),Weight\nS1,05/06/2021,2.5,thin\nS2,06/07/2021,3.5,thick\n"
