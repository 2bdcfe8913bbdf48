"""The kinds of FHIR resources, R4 and R5: which hold results, which only say whose and what they are."""

from __future__ import annotations


def _named(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


RESULT = "Observation"

# Resources that hold other resources.
BUNDLE, PARAMETERS = "Bundle", "Parameters"

# Who, what, where and by whose order: read for the observations or not needed at all, and never a place for a result.
CONTEXT = _named(
    "Patient Specimen DiagnosticReport ServiceRequest Organization",
    "CareTeam Composition Device Encounter Endpoint EpisodeOfCare Group HealthcareService Location MessageHeader",
    "OrganizationAffiliation Person Practitioner PractitionerRole Provenance RelatedPerson",
)

# Everything else that R4, R4B and R5 know. What they say is no part of a panel, and stands in no_result.
OTHER = _named(
    "Account ActivityDefinition ActorDefinition AdministrableProductDefinition AdverseEvent AllergyIntolerance",
    "Appointment AppointmentResponse ArtifactAssessment AuditEvent Basic Binary BiologicallyDerivedProduct",
    "BiologicallyDerivedProductDispense BodyStructure CapabilityStatement CarePlan CatalogEntry ChargeItem",
    "ChargeItemDefinition Citation Claim ClaimResponse ClinicalImpression ClinicalUseDefinition CodeSystem",
    "Communication CommunicationRequest CompartmentDefinition ConceptMap Condition ConditionDefinition Consent",
    "Contract Coverage CoverageEligibilityRequest CoverageEligibilityResponse DetectedIssue DeviceAssociation",
    "DeviceDefinition DeviceDispense DeviceMetric DeviceRequest DeviceUsage DeviceUseStatement DocumentManifest",
    "DocumentReference EffectEvidenceSynthesis EncounterHistory EnrollmentRequest EnrollmentResponse",
    "EventDefinition Evidence EvidenceReport EvidenceVariable ExampleScenario ExplanationOfBenefit",
    "FamilyMemberHistory Flag FormularyItem GenomicStudy Goal GraphDefinition GuidanceResponse ImagingSelection",
    "ImagingStudy Immunization ImmunizationEvaluation ImmunizationRecommendation ImplementationGuide Ingredient",
    "InsurancePlan InventoryItem InventoryReport Invoice Library Linkage List ManufacturedItemDefinition Measure",
    "MeasureReport Media Medication MedicationAdministration MedicationDispense MedicationKnowledge",
    "MedicationRequest MedicationStatement MedicinalProduct MedicinalProductAuthorization",
    "MedicinalProductContraindication MedicinalProductDefinition MedicinalProductIndication",
    "MedicinalProductIngredient MedicinalProductInteraction MedicinalProductManufactured MedicinalProductPackaged",
    "MedicinalProductPharmaceutical MedicinalProductUndesirableEffect MessageDefinition MolecularSequence",
    "NamingSystem NutritionIntake NutritionOrder NutritionProduct ObservationDefinition OperationDefinition",
    "OperationOutcome PackagedProductDefinition PaymentNotice PaymentReconciliation Permission PlanDefinition",
    "Procedure Questionnaire QuestionnaireResponse RegulatedAuthorization RequestGroup RequestOrchestration",
    "Requirements ResearchDefinition ResearchElementDefinition ResearchStudy ResearchSubject RiskAssessment",
    "RiskEvidenceSynthesis Schedule SearchParameter Slot SpecimenDefinition StructureDefinition StructureMap",
    "Subscription SubscriptionStatus SubscriptionTopic Substance SubstanceDefinition SubstanceNucleicAcid",
    "SubstancePolymer SubstanceProtein SubstanceReferenceInformation SubstanceSourceMaterial SubstanceSpecification",
    "SupplyDelivery SupplyRequest Task TerminologyCapabilities TestPlan TestReport TestScript Transport ValueSet",
    "VerificationResult VisionPrescription",
)

KINDS = OTHER | CONTEXT | {RESULT, BUNDLE, PARAMETERS}
