// The way from a bucket to recommendations with the AWS SDK for JavaScript v3.
// The server and the region come from the environment (AWS_ENDPOINT_URL, AWS_REGION), and names, texts and ARNs
// come as JSON from standard input. The outcome is printed as JSON.

import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import * as personalize from "@aws-sdk/client-personalize";
import { PersonalizeEventsClient, PutEventsCommand } from "@aws-sdk/client-personalize-events";
import { GetRecommendationsCommand, PersonalizeRuntimeClient } from "@aws-sdk/client-personalize-runtime";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";

const given = JSON.parse(readFileSync(0, "utf-8"));
const control = new personalize.PersonalizeClient();
const runtime = new PersonalizeRuntimeClient();

async function created(resource, members) {
  const member = resource[0].toLowerCase() + resource.slice(1);
  const answer = await control.send(new personalize[`Create${resource}Command`](members));
  const arn = answer[`${member}Arn`];
  for (;;) {
    const described = await control.send(new personalize[`Describe${resource}Command`]({ [`${member}Arn`]: arn }));
    const { status, failureReason } = described[member];
    if (status === "ACTIVE") return arn;
    if (!["CREATE PENDING", "CREATE IN_PROGRESS"].includes(status)) throw new Error(`${status}: ${failureReason}`);
    await sleep(50);
  }
}

async function recommended(campaignArn) {
  const { itemList } = await runtime.send(
    new GetRecommendationsCommand({ campaignArn, userId: "eva", numResults: 10 }),
  );
  return itemList.map((item) => item.itemId);
}

async function errorOfUnknown(campaignArn) {
  try {
    await control.send(new personalize.DescribeCampaignCommand({ campaignArn }));
  } catch (error) {
    return error instanceof personalize.ResourceNotFoundException ? error.name : String(error);
  }
  return "none";
}

const s3 = new S3Client({ forcePathStyle: true });
await s3.send(new CreateBucketCommand({ Bucket: given.bucket }));
await s3.send(new PutObjectCommand({ Bucket: given.bucket, Key: "events.csv", Body: given.csv }));

const datasetGroupArn = await created("DatasetGroup", { name: "films" });
const { schemaArn } = await control.send(
  new personalize.CreateSchemaCommand({ name: "films", schema: given.schema }),
);
const datasetArn = await created("Dataset", {
  name: "films",
  schemaArn,
  datasetGroupArn,
  datasetType: "Interactions",
});
await created("DatasetImportJob", {
  jobName: "films",
  datasetArn,
  dataSource: { dataLocation: `s3://${given.bucket}/events.csv` },
  roleArn: given.role,
});
const solutionArn = await created("Solution", { name: "films", datasetGroupArn, recipeArn: given.recipe });
const solutionVersionArn = await created("SolutionVersion", { solutionArn });
const campaignArn = await created("Campaign", { name: "films", solutionVersionArn });
const { trackingId } = await control.send(
  new personalize.CreateEventTrackerCommand({ name: "films", datasetGroupArn }),
);

const before = await recommended(campaignArn);
const eventList = ["i0", "i1", "i2"].map((itemId) => ({ eventType: "Watch", itemId, sentAt: new Date() }));
await new PersonalizeEventsClient().send(
  new PutEventsCommand({ trackingId, userId: "eva", sessionId: "s", eventList }),
);
const after = await recommended(campaignArn);
console.log(JSON.stringify({ before, after, error: await errorOfUnknown(`${campaignArn}-none`) }));
